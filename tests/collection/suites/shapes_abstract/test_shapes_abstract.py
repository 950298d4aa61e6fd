import math
from abc import ABC

import pytest

from shapes import Circle, Rectangle, Shape, Square, total_area


def test_shape_is_abstract():
    assert issubclass(Shape, ABC)
    with pytest.raises(TypeError):
        Shape()


def test_abstract_message():
    with pytest.raises(TypeError, match="abstract class Shape"):
        Shape()


@pytest.mark.parametrize("cls", [Circle, Rectangle, Square])
def test_subclasses(cls):
    assert issubclass(cls, Shape)


def test_square_is_a_rectangle():
    s = Square(2)
    assert isinstance(s, Rectangle)
    assert isinstance(s, Shape)
    assert not isinstance(s, Circle)


def test_areas():
    assert Rectangle(2, 3).area() == 6
    assert Square(4).area() == 16
    assert Circle(1).area() == pytest.approx(math.pi)


def test_perimeters():
    assert Rectangle(2, 3).perimeter() == 10
    assert Square(4).perimeter() == 16
    assert Circle(2).perimeter() == pytest.approx(4 * math.pi)


def test_describe_is_inherited():
    assert Square(2).describe() == "Square with area 4.00"
    assert Circle(1).describe() == "Circle with area 3.14"


def test_square_side_setter_changes_both_sides():
    s = Square(2)
    s.side = 5
    assert (s.width, s.height) == (5, 5)
    assert s.area() == 25


def test_class_name_and_mro():
    assert type(Square(1)).__name__ == "Square"
    assert [c.__name__ for c in Square.__mro__][:3] == ["Square", "Rectangle", "Shape"]


def test_total_area_is_polymorphic():
    assert total_area([Square(1), Rectangle(1, 2), Square(3)]) == 12
    assert total_area([]) == 0


def test_negative_size():
    for make in (lambda: Circle(-1), lambda: Rectangle(1, -1), lambda: Square(-2)):
        with pytest.raises(ValueError):
            make()


def test_count_of_shapes():
    before = Shape.count
    Circle(1), Square(1)
    assert Shape.count == before + 2
