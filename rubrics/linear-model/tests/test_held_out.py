"""The rows that are predicted are made here, and their targets never leave this process."""

import numpy as np
from solution import LinearModel
from suite_linear import line_data, rmse


def test_error_on_unseen_rows(metric, rng):
    table, target, _, _ = line_data(rng, 1200, 6, noise=0.5)
    model = LinearModel()
    model.fit(table[:200], target[:200])
    metric("rmse", rmse(model.predict(table[200:]), target[200:]))


def test_descent_on_columns_of_very_different_size(metric, rng):
    table, target, _, _ = line_data(rng, 1200, 4, noise=0.5)
    measured = table * np.array([0.001, 1.0, 30.0, 1000.0]) + np.array([0.002, 0.0, 100.0, 5000.0])
    model = LinearModel(method="descent")
    model.fit(measured[:200], target[:200])
    metric("rmse", rmse(model.predict(measured[200:]), target[200:]))
