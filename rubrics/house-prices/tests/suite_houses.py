"""The tables of this suite, and how an answer is measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def table(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Houses (rows, 9) without their price, and the prices (rows,) in thousands."""
    frame = pd.read_csv(path)
    return frame.drop(columns="price"), frame["price"].to_numpy(dtype=float)


def split(
    data: Path, rng: np.random.Generator, train: int = 400, test: int = 200
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]:
    """``train`` and ``test`` rows of train.csv: houses, prices, other houses, other prices."""
    houses, prices = table(data / "train.csv")
    order = rng.permutation(len(houses))
    first, second = order[:train], order[train : train + test]
    return (
        houses.iloc[first].reset_index(drop=True),
        prices[first],
        houses.iloc[second].reset_index(drop=True),
        prices[second],
    )


def estimates(got: object, rows: int) -> np.ndarray:
    """``got`` if it is one positive finite float for each row; anything else fails the test."""
    assert type(got) is np.ndarray, f"expected a numpy array, got {type(got).__name__}"
    assert got.shape == (rows,), f"expected shape ({rows},), got {got.shape}"
    assert got.dtype.kind == "f", f"expected floats, got {got.dtype}"
    assert np.isfinite(got).all(), "some prices are NaN or infinite"
    assert (got > 0).all(), "some prices are not positive"
    return got


def rmse(got: np.ndarray, expected: np.ndarray) -> float:
    """Root mean squared error of two vectors of the same shape."""
    assert got.shape == expected.shape
    return float(np.sqrt(np.mean((got - expected) ** 2)))


def error(got: object, expected: np.ndarray) -> float:
    """RMSE as a share of that of the best constant, so 1.0 is what knowing nothing gives."""
    return rmse(estimates(got, len(expected)), expected) / float(np.std(expected))
