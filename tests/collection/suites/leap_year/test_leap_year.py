import pytest

from leap import days_in_february, is_leap


@pytest.mark.parametrize(
    "year, expected",
    [
        (1996, True),
        (1997, False),
        (1900, False),
        (2000, True),
        (2100, False),
        (2400, True),
        (1960, True),
        (2023, False),
    ],
)
def test_is_leap(year, expected):
    assert is_leap(year) is expected


@pytest.mark.parametrize("year", [1600, 2004, 2024])
def test_february_in_leap_years(year):
    assert days_in_february(year) == 29


def test_february_in_common_year():
    assert days_in_february(2023) == 28


@pytest.mark.parametrize("bad", [0, -4])
def test_years_start_at_one(bad):
    with pytest.raises(ValueError, match="year must be positive"):
        is_leap(bad)


def test_year_must_be_a_number():
    with pytest.raises(TypeError):
        is_leap("2000")
