"""Data and measures that several test files of this suite share."""

from __future__ import annotations

import numpy as np


def line_data(
    rng: np.random.Generator, rows: int, columns: int, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """X (rows, columns), y (rows,), and the weights (columns,) and bias they were made with."""
    weights = rng.uniform(1.0, 3.0, columns) * rng.choice([-1.0, 1.0], columns)
    bias = float(rng.uniform(4.0, 6.0))
    table = rng.normal(size=(rows, columns))
    return table, table @ weights + bias + rng.normal(scale=noise, size=rows), weights, bias


def least_squares(table: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float]:
    """The examiner's own answer, so that nothing expected comes from the student's code."""
    with_ones = np.column_stack([table, np.ones(len(table))])
    solution = np.linalg.lstsq(with_ones, target, rcond=None)[0]
    return solution[:-1], float(solution[-1])


def number(value: object) -> float:
    """``value`` as a plain float; a numpy float is one, an array or a string is not."""
    assert isinstance(value, float), f"expected a float, got {type(value).__name__}"
    return float(value)


def rmse(got: object, expected: np.ndarray) -> float:
    """Root mean squared error; wrong type, shape or a value that isn't finite fails the test."""
    assert type(got) is np.ndarray, f"expected a numpy array, got {type(got).__name__}"
    assert got.shape == expected.shape, f"expected shape {expected.shape}, got {got.shape}"
    assert got.dtype.kind == "f", f"expected floats, got {got.dtype}"
    assert np.isfinite(got).all(), "some predictions are NaN or infinite"
    return float(np.sqrt(np.mean((got - expected) ** 2)))
