import pytest

from temperature import ABSOLUTE_ZERO, Temperature


@pytest.fixture
def t():
    return Temperature(25)


def test_constant():
    assert ABSOLUTE_ZERO == -273.15
    assert Temperature.ABSOLUTE_ZERO == ABSOLUTE_ZERO


def test_celsius(t):
    assert t.celsius == 25


def test_fahrenheit_is_computed(t):
    assert t.fahrenheit == pytest.approx(77)
    t.celsius = 100
    assert t.fahrenheit == pytest.approx(212)


def test_set_fahrenheit(t):
    t.fahrenheit = 32
    assert t.celsius == pytest.approx(0)


def test_kelvin_is_read_only(t):
    assert t.kelvin == pytest.approx(298.15)
    with pytest.raises(AttributeError):
        t.kelvin = 0


@pytest.mark.parametrize("bad", [-274, -1e9])
def test_below_zero_is_refused(t, bad):
    with pytest.raises(ValueError, match="absolute zero"):
        t.celsius = bad
    assert t.celsius == 25


def test_constructor_validates_too():
    with pytest.raises(ValueError):
        Temperature(-300)


def test_delete(t):
    with pytest.raises(AttributeError):
        del t.kelvin


def test_delete_celsius_resets(t):
    del t.celsius
    assert t.celsius == 0


def test_property_object():
    assert isinstance(Temperature(1).fahrenheit, float)


def test_augmented_assignment(t):
    t.celsius += 5
    t.celsius -= 10
    assert t.celsius == 20


def test_alternative_constructors():
    assert Temperature.from_fahrenheit(212).celsius == pytest.approx(100)
    assert Temperature.from_kelvin(0).celsius == pytest.approx(-273.15)


def test_setattr_and_getattr(t):
    setattr(t, "celsius", 1)
    assert getattr(t, "celsius") == 1
    t.label = "oven"
    assert t.label == "oven"
