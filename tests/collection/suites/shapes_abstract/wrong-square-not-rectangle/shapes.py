import math
from abc import ABC, abstractmethod


class Shape(ABC):
    count = 0

    def __init__(self):
        Shape.count += 1

    @abstractmethod
    def area(self): ...

    @abstractmethod
    def perimeter(self): ...

    def describe(self):
        return f"{type(self).__name__} with area {self.area():.2f}"


class Circle(Shape):
    def __init__(self, radius):
        if radius < 0:
            raise ValueError("negative radius")
        super().__init__()
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2

    def perimeter(self):
        return 2 * math.pi * self.radius


class Rectangle(Shape):
    def __init__(self, width, height):
        if width < 0 or height < 0:
            raise ValueError("negative side")
        super().__init__()
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height

    def perimeter(self):
        return 2 * (self.width + self.height)


class Square(Shape):
    def __init__(self, side):
        if side < 0:
            raise ValueError
        super().__init__()
        self.width = self.height = side

    area = Rectangle.area
    perimeter = Rectangle.perimeter

    @property
    def side(self):
        return self.width

    @side.setter
    def side(self, value):
        self.width = self.height = value


def total_area(shapes):
    return sum(s.area() for s in shapes)
