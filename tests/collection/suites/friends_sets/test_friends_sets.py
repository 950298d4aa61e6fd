from solution import common, freeze_groups, mutual_pairs, power_set, suggest

FRIENDS = {
    "ana": {"bob", "cyd"},
    "bob": {"ana", "cyd", "dan"},
    "cyd": {"ana", "bob"},
    "dan": {"bob"},
    "eve": set(),
}


def test_common():
    assert common(FRIENDS, "ana", "cyd") == {"bob"}
    assert common(FRIENDS, "ana", "eve") == set()


def test_unknown_person_has_no_friends():
    assert common(FRIENDS, "ana", "zoe") == set()


def test_mutual_pairs():
    assert mutual_pairs(FRIENDS) == {("ana", "bob"), ("ana", "cyd"), ("bob", "cyd"), ("bob", "dan")}


def test_suggest_excludes_self_and_friends():
    assert suggest(FRIENDS, "ana") == {"dan"}
    assert suggest(FRIENDS, "dan") == {"ana", "cyd"}


def test_friends_are_not_changed():
    suggest(FRIENDS, "ana")
    common(FRIENDS, "ana", "bob")
    assert FRIENDS["ana"] == {"bob", "cyd"}
    assert FRIENDS["bob"] == {"ana", "cyd", "dan"}


def test_power_set():
    result = power_set({1, 2})
    assert result == {frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})}
    assert all(isinstance(s, frozenset) for s in result)


def test_power_set_size():
    assert len(power_set(range(8))) == 256


def test_freeze_groups():
    groups = freeze_groups([["a", "b"], ["b", "a"], ["c"]])
    assert groups == {frozenset("ab"): 2, frozenset("c"): 1}


def test_mixed_types_in_a_set():
    assert freeze_groups([[1, "1", None], [None, 1, "1"]]) == {frozenset({1, "1", None}): 2}
