from itertools import pairwise

import numpy as np
import pytest
from solution import descend
from suite_linear import least_squares, line_data, number

from grader.exam.sdk import assert_close


@pytest.mark.points(8)
def test_one_step_follows_the_gradient_and_none_stays_at_zero(rng):
    table, target, _, _ = line_data(rng, 25, 3, noise=0.0)
    weights, bias, losses = descend(table, target, rate=0.05, steps=1)
    expected_weights = 0.05 * 2 / 25 * (table.T @ target)
    expected_bias = float(0.05 * 2 * np.mean(target))
    assert_close(weights, expected_weights)
    assert_close(number(bias), expected_bias)
    loss = float(np.mean((table @ expected_weights + expected_bias - target) ** 2))
    assert_close([number(value) for value in losses], [loss])
    weights, bias, losses = descend(table, target, rate=0.05, steps=0)
    assert_close(weights, np.zeros(3))
    assert_close(number(bias), 0.0)
    assert_close(losses, [])


@pytest.mark.points(5)
def test_the_losses_tell_the_story_of_the_descent(rng):
    table, target, _, _ = line_data(rng, 60, 3, noise=0.0)
    weights, bias, losses = descend(table, target, rate=0.05, steps=40)
    assert len(losses) == 40
    story = [number(value) for value in losses]
    assert all(later <= earlier for earlier, later in pairwise(story))
    assert_close(story[-1], float(np.mean((table @ weights + number(bias) - target) ** 2)))
    assert story[-1] < story[0] / 20


@pytest.mark.points(7)
def test_enough_steps_reach_the_least_squares_line(rng):
    table, target, _, _ = line_data(rng, 120, 3, noise=0.5)
    expected_weights, expected_bias = least_squares(table, target)
    weights, bias, _ = descend(table, target, rate=0.1, steps=1000)
    assert_close(weights, expected_weights, rtol=1e-4, atol=1e-4)
    assert_close(number(bias), expected_bias, rtol=1e-4, atol=1e-4)
