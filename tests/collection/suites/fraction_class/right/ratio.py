from functools import total_ordering
from math import gcd


@total_ordering
class Ratio:
    def __init__(self, numerator, denominator=1):
        if denominator == 0:
            raise ZeroDivisionError("denominator is zero")
        g = gcd(numerator, denominator) * (-1 if denominator < 0 else 1)
        self._n, self._d = numerator // g, denominator // g

    @property
    def numerator(self):
        return self._n

    @property
    def denominator(self):
        return self._d

    @classmethod
    def parse(cls, text):
        return cls(*map(int, text.split("/")))

    def __add__(self, o):
        return Ratio(self._n * o._d + o._n * self._d, self._d * o._d)

    def __sub__(self, o):
        return Ratio(self._n * o._d - o._n * self._d, self._d * o._d)

    def __mul__(self, o):
        return Ratio(self._n * o._n, self._d * o._d)

    def __truediv__(self, o):
        return Ratio(self._n * o._d, self._d * o._n)

    def __eq__(self, o):
        return isinstance(o, Ratio) and (self._n, self._d) == (o._n, o._d)

    def __lt__(self, o):
        return self._n * o._d < o._n * self._d

    def __hash__(self):
        return hash((self._n, self._d))

    def __float__(self):
        return self._n / self._d

    def __int__(self):
        return int(float(self))

    def __str__(self):
        return str(self._n) if self._d == 1 else f"{self._n}/{self._d}"

    __repr__ = __str__
