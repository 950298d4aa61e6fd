import numpy as np
import pytest
from solution import fit, predict
from suite_linear import least_squares, line_data, number

from grader.exam.sdk import assert_close


@pytest.mark.points(4)
def test_the_worked_example_of_the_brief():
    weights, bias = fit([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, -1.0]], [4.0, 9.0, 4.0, 19.0])
    assert_close(weights, np.array([3.0, -2.0]))
    assert_close(number(bias), 5.0)


@pytest.mark.points(2)
def test_one_column():
    weights, bias = fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    assert_close(weights, np.array([2.0]))
    assert_close(number(bias), 1.0)


@pytest.mark.points(6)
def test_noisy_data_gives_the_least_squares_line(rng):
    for rows, columns in ((30, 1), (80, 3), (150, 8)):
        table, target, _, _ = line_data(rng, rows, columns, noise=1.0)
        expected_weights, expected_bias = least_squares(table, target)
        weights, bias = fit(table, target)
        assert_close(weights, expected_weights, rtol=1e-6, atol=1e-8)
        assert_close(number(bias), expected_bias, rtol=1e-6, atol=1e-8)


@pytest.mark.points(4)
def test_predict_is_the_line(rng):
    table, weights = rng.normal(size=(12, 4)), rng.normal(size=4)
    assert_close(predict(table, weights, 0.75), table @ weights + 0.75)
    assert_close(predict(table[:1], weights, -2.0), table[:1] @ weights - 2.0)


@pytest.mark.points(4)
def test_a_repeated_column_does_no_harm(rng):
    table, target, _, _ = line_data(rng, 60, 2, noise=0.5)
    doubled = np.column_stack([table, table[:, 0]])
    weights, bias = fit(doubled, target)
    expected_weights, expected_bias = least_squares(table, target)
    assert_close(predict(doubled, weights, bias), table @ expected_weights + expected_bias, rtol=1e-6, atol=1e-6)
