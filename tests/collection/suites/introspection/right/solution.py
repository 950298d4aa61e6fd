"""Geometry helpers."""

SIDES = {"triangle": 3, "square": 4}


def area(width: float, height: float = 1) -> float:
    """Area of a rectangle."""
    return width * height


def make_adder(n):
    def adder(x):
        return x + n

    return adder


class Shape:
    """A shape with sides."""

    def __init__(self, name, sides):
        self.name = name
        self.sides = sides

    def count_sides(self):
        """How many."""
        return self.sides

    def rename(self, name):
        self.name = name
