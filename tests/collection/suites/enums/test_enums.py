from enum import Enum

import pytest

from traffic import Color, Light, Level, Permission


def test_members():
    assert [c.name for c in Color] == ["RED", "YELLOW", "GREEN"]
    assert len(Color) == 3


def test_values():
    assert Color.RED.value == "red"
    assert Color["GREEN"].value == "green"


def test_lookup_gives_the_same_member():
    assert Color("red") is Color.RED
    assert Color["RED"] is Color.RED


def test_unknown_value():
    with pytest.raises(ValueError, match="'blue' is not a valid Color"):
        Color("blue")
    with pytest.raises(KeyError):
        Color["BLUE"]


def test_members_are_distinct():
    assert Color.RED != Color.GREEN
    assert Color.RED == Color.RED
    assert Color.RED is not Color.GREEN
    assert isinstance(Color.RED, Color)


def test_members_as_keys():
    seconds = {Color.RED: 30, Color.GREEN: 25}
    assert seconds[Color("red")] == 30


def test_member_is_not_its_value():
    assert Color.RED != "red"


def test_method_and_property():
    assert Color.RED.next() is Color.GREEN
    assert Color.GREEN.next() is Color.YELLOW
    assert Color.YELLOW.is_stop is False


def test_light_cycles():
    light = Light()
    seen = []
    for _ in range(4):
        seen.append(light.state)
        light.tick()
    assert seen == [Color.RED, Color.GREEN, Color.YELLOW, Color.RED]


def test_light_from_name():
    assert Light(Color.GREEN).state is Color.GREEN
    with pytest.raises(TypeError):
        Light("green")


def test_int_enum():
    assert Level.HIGH > Level.LOW
    assert int(Level.HIGH) == 3
    assert Level.LOW + 1 == 2
    assert max(Level.LOW, Level.HIGH).name == "HIGH"


def test_int_enum_sorts():
    assert [lv.name for lv in sorted([Level.HIGH, Level.LOW, Level.MEDIUM])] == ["LOW", "MEDIUM", "HIGH"]


def test_flags():
    rw = Permission.READ | Permission.WRITE
    assert Permission.READ in rw
    assert Permission.EXEC not in rw
    assert rw.value == 3


def test_str():
    assert str(Color.RED) == "Color.RED"
    assert repr(Color.RED) == "<Color.RED: 'red'>"


def test_in():
    assert Color.RED in (Color.RED, Color.GREEN)
    assert Color.YELLOW not in [Color.RED]
