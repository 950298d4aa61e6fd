import math
import random

GRAVITY = 9.81
UNITS = ("m", "kg", "s")
_FACTORS = {"km": 1000, "m": 1, "cm": 0.01}


class UnknownUnit(KeyError):
    pass


def _helper(x):
    return x**2


def area_of_circle(r):
    return math.pi * _helper(r)


def volume_of_box(a, b, c):
    return a * b * c


def convert(value, unit):
    try:
        return value * _FACTORS[unit]
    except KeyError:
        raise UnknownUnit(unit) from None


class Projectile:
    def __init__(self, speed, angle):
        self.speed = speed
        self.angle = angle

    def height(self):
        return (self.speed * math.sin(self.angle)) ** 2 / (2 * GRAVITY)


def sample():
    return random.random()
