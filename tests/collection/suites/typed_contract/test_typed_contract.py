import math

import pytest

import solution


@pytest.mark.parametrize(
    ("name", "args", "kind"),
    [
        ("as_list", [(1, 2)], list),
        ("as_tuple", [[1, 2]], tuple),
        ("as_set", [[1, 1]], set),
        ("as_frozen", [[1]], frozenset),
        ("as_text", [5], str),
        ("as_bytes", ["é"], bytes),
        ("as_flag", [[]], bool),
        ("as_dict", [[("a", 1)]], dict),
        ("as_float", ["2.5"], float),
        ("as_int", [2.0], int),
        ("as_complex", [2], complex),
        ("as_none", [], type(None)),
    ],
)
def test_result_type(name, args, kind):
    assert type(getattr(solution, name)(*args)) is kind


def test_int_and_float_keys():
    result = solution.mixed()
    assert result == {1: "int", "1": "str", None: "none", (1, 2): "tuple", 2.5: "float", b"1": "bytes"}
    assert [type(k).__name__ for k in result] == ["int", "str", "NoneType", "tuple", "float", "bytes"]


def test_nested_types_survive():
    value = solution.nested()
    assert value == {"a": [(1, {2, 3}), [None, {"b": (True, 1.5)}]]}
    assert type(value["a"][0]) is tuple
    assert value["a"][1][1]["b"][0] is True


def test_round_trip_of_odd_values():
    for value in ["", "\x00", "a\ud800b", "\U0001f600", -0.0, 10**40, b"\xff\x00", (), {}, [[]], ((),), 1e-310]:
        result = solution.identity(value)
        assert result == value
        assert type(result) is type(value)


def test_nan_and_infinity():
    assert math.isnan(solution.identity(float("nan")))
    assert solution.identity(-math.inf) == -math.inf
    assert math.copysign(1, solution.identity(-0.0)) == -1


def test_true_is_not_one():
    assert solution.identity(True) is True
    assert solution.identity(1) is not True
    assert [type(x) for x in solution.identity([True, 1, 1.0])] == [bool, int, float]


def test_ellipsis_and_notimplemented():
    assert solution.identity(...) is ...


def test_identity_of_mutable():
    data = {"x": []}
    assert solution.identity(data) is data


def test_copy_is_not_identity():
    data = [1]
    result = solution.copy_of(data)
    assert result == data
    assert result is not data


def test_shared_parts_stay_shared():
    pair = solution.twice([])
    assert pair[0] is pair[1]
    pair[0].append(1)
    assert pair == [[1], [1]]


def test_keyword_only_and_star_arguments():
    assert solution.call(1, 2, 3, key="k", other=[1]) == ((2, 3), "k", {"other": [1]})
    with pytest.raises(TypeError):
        solution.call(1, 2)
