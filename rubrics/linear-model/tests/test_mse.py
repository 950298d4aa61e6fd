import numpy as np
import pytest
from solution import mse
from suite_linear import number

from grader.exam.sdk import assert_close


@pytest.mark.points(3)
def test_the_worked_example_of_the_brief():
    assert_close(number(mse([1.0, 2.0, 3.0], [1.0, 2.0, 5.0])), 4 / 3)
    assert_close(number(mse([2.0, -1.0], [2.0, -1.0])), 0.0)


@pytest.mark.points(4)
def test_any_two_vectors(rng):
    for size in (1, 7, 200):
        truth, guess = rng.normal(size=size), rng.normal(size=size)
        assert_close(number(mse(truth, guess)), float(np.sum((truth - guess) ** 2) / size))


@pytest.mark.points(1)
def test_lists_and_arrays_give_the_same(rng):
    truth, guess = rng.normal(size=9), rng.normal(size=9)
    expected = float(np.mean((truth - guess) ** 2))
    assert_close(number(mse(truth.tolist(), guess.tolist())), expected)
    assert_close(number(mse(truth.tolist(), guess)), expected)
