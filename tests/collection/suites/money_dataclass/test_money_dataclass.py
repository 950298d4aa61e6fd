import dataclasses

import pytest

from money import CurrencyMismatch, Money, allocate


def test_fields():
    m = Money(10, "EUR")
    assert m.amount == 10
    assert m.currency == "EUR"


def test_default_currency():
    assert Money(5) == Money(5, "USD")


def test_keyword_arguments():
    assert Money(currency="CZK", amount=3) == Money(3, "CZK")


def test_repr():
    assert repr(Money(10, "EUR")) == "Money(amount=10, currency='EUR')"


def test_is_a_dataclass():
    assert dataclasses.is_dataclass(Money)


def test_frozen():
    m = Money(1)
    with pytest.raises(AttributeError):
        m.amount = 2
    assert m.amount == 1


def test_frozen_instance_error():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Money(1).currency = "EUR"


def test_hashable():
    assert len({Money(1), Money(1), Money(2)}) == 2


def test_order():
    assert sorted([Money(3), Money(1), Money(2)]) == [Money(1), Money(2), Money(3)]
    assert Money(1) < Money(2)


def test_add():
    assert Money(1) + Money(2) == Money(3)


def test_add_different_currencies():
    with pytest.raises(CurrencyMismatch) as info:
        Money(1, "EUR") + Money(1, "USD")
    assert info.value.currencies == ("EUR", "USD")
    assert isinstance(info.value, TypeError)


def test_times():
    assert Money(7) * 3 == Money(21)
    assert 3 * Money(7) == Money(21)


def test_equality_with_other_things():
    assert Money(1) != 1
    assert Money(1) != "1 USD"
    assert (Money(1) == None) is False  # noqa: E711


def test_allocate_loses_no_cent():
    parts = allocate(Money(100), 3)
    assert parts == [Money(34), Money(33), Money(33)]
    assert sum((p.amount for p in parts)) == 100
