from collections import OrderedDict, defaultdict, deque
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest

import solution as s


def test_decimal_total():
    total = s.invoice([("pen", Decimal("1.10"), 3), ("ink", Decimal("2.205"), 1)])
    assert isinstance(total, Decimal)
    assert total == Decimal("5.51")
    assert str(total) == "5.51"


def test_fractions():
    assert s.egyptian(Fraction(7, 15)) == [Fraction(1, 3), Fraction(1, 8), Fraction(1, 120)]


def test_harmonic_is_exact():
    assert s.harmonic(4) == Fraction(25, 12)
    assert s.harmonic(4).denominator == 12


def test_grouping_is_a_defaultdict():
    groups = s.by_initial(["ann", "bob", "al"])
    assert isinstance(groups, defaultdict)
    assert groups == {"a": ["ann", "al"], "b": ["bob"]}
    assert groups["z"] == []


def test_history_is_a_bounded_deque():
    history = s.last(3, "abcdef")
    assert history == deque("def")
    assert history.maxlen == 3


def test_ordered():
    result = s.ranking({"x": 1, "y": 3, "z": 2})
    assert isinstance(result, OrderedDict)
    assert list(result.items()) == [("y", 3), ("z", 2), ("x", 1)]


def test_dates():
    assert s.next_weekday(date(2024, 5, 3)) == date(2024, 5, 6)
    assert s.next_weekday(date(2024, 5, 6)) == date(2024, 5, 7)


def test_meeting():
    start, length = s.meeting("2024-02-28 23:30", 90)
    assert start == datetime(2024, 2, 28, 23, 30, tzinfo=timezone.utc)
    assert length == timedelta(hours=1, minutes=30)
    assert (start + length).date() == date(2024, 2, 29)


def test_opening_time():
    assert s.opening("sun") is None
    assert s.opening("mon") == time(8, 30)


def test_complex_roots():
    assert s.roots(1, 2, 5) == (complex(-1, 2), complex(-1, -2))


def test_ranges_and_slices():
    assert s.page(2, 10) == range(10, 20)
    assert s.window(3) == slice(None, 3)
    assert list(range(100))[s.window(2)] == [0, 1]


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e308, -0.0, 5e-324])
def test_floats_are_not_rounded(value):
    assert s.same(value) == value
    assert repr(s.same(value)) == repr(value)
