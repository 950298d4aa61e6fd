import pytest

from temperature_scale import Celsius, Name


def test_equal_to_a_number():
    assert Celsius(21.5) == 21.5
    assert 21.5 == Celsius(21.5)
    assert Celsius(20) != 21


def test_order_against_numbers():
    assert Celsius(30) > 25
    assert Celsius(10) <= 10
    assert not 5 > Celsius(10)


def test_equal_to_each_other():
    assert Celsius(1) == Celsius(1)
    assert Celsius(1) < Celsius(2)


def test_unittest_like_membership():
    assert Celsius(3) in [1, 2, 3]
    assert 4 not in [Celsius(1)]


@pytest.mark.parametrize("value", [0, -5, 36.6])
def test_parametrised(value):
    assert Celsius(value) == value


def test_name_is_case_insensitive():
    assert Name("Ann") == "ann"
    assert Name("Ann") == Name("ANN")
    assert Name("Ann") != "bob"
