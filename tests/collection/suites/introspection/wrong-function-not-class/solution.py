"""Geometry helpers."""

SIDES = {"triangle": 3, "square": 4}


def area(width: float, height: float = 1) -> float:
    """Area of a rectangle."""
    return width * height


def make_adder(n):
    def adder(x):
        return x + n

    return adder


def Shape(name, sides):
    """A shape with sides."""
    return _Shape(name, sides)


class _Shape:
    def __init__(self, name, sides):
        self.name = name
        self.sides = sides

    def count_sides(self):
        """How many."""
        return self.sides

    def rename(self, name):
        self.name = name
