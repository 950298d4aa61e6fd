import math

import pytest

from vector import Vector


@pytest.fixture
def v():
    return Vector(3, 4)


def test_components(v):
    assert (v.x, v.y) == (3, 4)
    assert list(v) == [3, 4]
    assert v[0] == 3
    assert v[-1] == 4


def test_add_and_subtract(v):
    assert v + Vector(1, 1) == Vector(4, 5)
    assert v - Vector(1, 1) == Vector(2, 3)


def test_scale_from_both_sides(v):
    assert v * 2 == Vector(6, 8)
    assert 2 * v == Vector(6, 8)
    assert v / 2 == Vector(1.5, 2)


def test_dot_product(v):
    assert v.dot(Vector(2, 1)) == 10
    assert v @ Vector(2, 1) == 10


def test_negation_and_abs(v):
    assert -v == Vector(-3, -4)
    assert abs(v) == 5.0
    assert abs(Vector(1, 1)) == pytest.approx(math.sqrt(2))


def test_unequal(v):
    assert v != Vector(3, 5)
    assert not v == Vector(4, 3)
    assert v != (3, 4)
    assert v != "3,4"
    assert v is not None


def test_bool():
    assert Vector(0, 1)
    assert not Vector(0, 0)


def test_hash_in_sets_and_dicts(v):
    assert len({v, Vector(3, 4), Vector(4, 3)}) == 2
    assert {v: "home"}[Vector(3, 4)] == "home"
    assert Vector(3, 4) in [Vector(1, 1), v]


def test_operators_return_new_objects(v):
    w = v + Vector(0, 0)
    assert w is not v
    assert isinstance(w, Vector)
    assert (v.x, v.y) == (3, 4)


def test_in_place_add(v):
    alias = v
    v += Vector(1, 0)
    assert v == Vector(4, 4)
    assert alias == Vector(3, 4)


def test_add_wrong_type(v):
    with pytest.raises(TypeError):
        v + 1
    with pytest.raises(TypeError):
        "a" + v


def test_sum(v):
    assert sum([v, v, v], Vector(0, 0)) == Vector(9, 12)


def test_repr(v):
    assert repr(v) == "Vector(3, 4)"
    assert f"{v}" == "<3, 4>"
    assert f"{Vector(1, 2.5):.2f}" == "<1.00, 2.50>"


def test_unpacking(v):
    x, y = v
    assert math.hypot(x, y) == 5
    assert math.hypot(*v) == 5
