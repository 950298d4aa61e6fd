import math
import random

import pytest

from solution import *


def test_area():
    assert area_of_circle(2) == pytest.approx(4 * math.pi)


def test_volume():
    assert volume_of_box(2, 3, 4) == 24


def test_constants():
    assert GRAVITY == 9.81
    assert UNITS == ("m", "kg", "s")


def test_class():
    p = Projectile(10, 90)
    assert p.height() == pytest.approx(5.0968, abs=1e-3)


def test_private_names_stay_private():
    assert "_helper" not in globals()


def test_own_modules_still_work():
    assert random.Random(0).randint(0, 9) == 6
    assert len([1, 2]) == 2
    assert math.sqrt(4) == 2


@pytest.mark.parametrize("value, unit, metres", [(1, "km", 1000), (5, "m", 5), (2, "cm", 0.02)])
def test_convert(value, unit, metres):
    assert convert(value, unit) == pytest.approx(metres)


def test_convert_unknown():
    with pytest.raises(UnknownUnit, match="parsec"):
        convert(1, "parsec")
