import solution
from solution import Basket, append_to, log_event, tally


def test_append_starts_fresh():
    assert append_to(1) == [1]
    assert append_to(2) == [2]


def test_append_uses_given_list():
    mine = [0]
    result = append_to(1, mine)
    assert result is mine
    assert mine == [0, 1]


def test_tally_twice():
    assert tally("aab") == {"a": 2, "b": 1}
    assert tally("a") == {"a": 1}


def test_tally_accumulates_when_asked():
    counts = {"a": 1}
    assert tally("ab", counts) is counts
    assert counts == {"a": 2, "b": 1}


def test_log_event_default_tags():
    first = log_event("start")
    first["tags"].append("changed by the caller")
    assert log_event("stop") == {"name": "stop", "tags": []}


def test_baskets_do_not_share_items():
    a, b = Basket(), Basket()
    a.add("apple")
    assert a.items == ["apple"]
    assert b.items == []


def test_class_attribute_is_not_shared():
    assert Basket().owner is None
    Basket().owner = "x"
    assert Basket.owner is None


def test_defaults_are_visible():
    assert solution.append_to.__defaults__ == (None,)
