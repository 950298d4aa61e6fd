import random
from unittest import mock

import pytest

import dice
from dice import Dice, monte_carlo_pi, roll, sample, shuffle_copy


def test_roll_range():
    assert all(1 <= roll(6) <= 6 for _ in range(100))


def test_dice_seed_is_reproducible():
    assert Dice(seed=42).roll_many(10) == Dice(seed=42).roll_many(10)
    assert Dice(seed=42).roll_many(10) != Dice(seed=43).roll_many(10)


def test_dice_matches_the_standard_generator():
    rng = random.Random(5)
    assert Dice(seed=5).roll_many(20) == [rng.randint(1, 6) for _ in range(20)]


def test_monte_carlo():
    assert monte_carlo_pi(2000, seed=0) == pytest.approx(3.14, abs=0.15)
    assert monte_carlo_pi(2000, seed=0) == monte_carlo_pi(2000, seed=0)


def test_shuffle_copy():
    cards = list(range(10))
    mixed = shuffle_copy(cards, seed=3)
    assert cards == list(range(10))
    assert mixed != cards
    assert sorted(mixed) == cards


def test_sample_without_replacement():
    picked = sample("abcdef", 4, seed=1)
    assert len(set(picked)) == 4
    assert set(picked) <= set("abcdef")


def test_sample_too_many():
    with pytest.raises(ValueError):
        sample("ab", 3, seed=1)


def test_patched_randint():
    with mock.patch("dice.randint", side_effect=[6, 1]):
        assert roll(6) == 6
        assert roll(6) == 1


def test_patched_with_monkeypatch(monkeypatch):
    monkeypatch.setattr(dice, "randint", lambda a, b: b)
    assert roll(20) == 20
    assert dice.double(6) == (6, 6)


def test_advantage_takes_the_higher():
    with mock.patch("dice.randint", side_effect=[3, 17]) as fake:
        assert dice.advantage() == 17
    assert fake.mock_calls == [mock.call(1, 20), mock.call(1, 20)]
