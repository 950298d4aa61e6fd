import pytest

from solution import Point, Point3D, nearest


def test_attributes():
    p = Point(1, 2)
    assert p.x == 1
    p.x = 10
    assert p.x == 10


def test_no_new_attributes():
    p = Point(1, 2)
    with pytest.raises(AttributeError):
        p.z = 3


def test_no_dict():
    assert not hasattr(Point(1, 2), "__dict__")


def test_slots():
    assert Point.__slots__ == ("x", "y")


def test_subclass_adds_slot():
    p = Point3D(1, 2, 3)
    assert (p.x, p.y, p.z) == (1, 2, 3)
    with pytest.raises(AttributeError):
        p.w = 4


def test_move_returns_self():
    p = Point(0, 0)
    assert p.move(1, 1) is p
    assert p.move(1, 1).x == 2


def test_copy_is_independent():
    p = Point(0, 0)
    q = p.copy()
    q.move(5, 5)
    assert q is not p
    assert p.x == 0


def test_distance():
    assert Point(0, 0).distance(Point(3, 4)) == 5.0
    assert Point3D(0, 0, 0).distance(Point3D(2, 3, 6)) == 7.0


def test_nearest_returns_the_very_point():
    points = [Point(9, 9), Point(1, 0), Point(5, 5)]
    assert nearest(points, Point(0, 0)) is points[1]


def test_nearest_of_nothing():
    assert nearest([], Point(0, 0)) is None


def test_match_args():
    match Point(1, 5):
        case object(x=1, y=y):
            assert y == 5
        case _:
            pytest.fail("no match")
