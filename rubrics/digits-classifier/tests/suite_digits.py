"""The digits as this suite cuts them.

Every student has these images and their labels: they ship with scikit-learn. So the cut is fixed (a row that is held
out in one test is never a training row in another), held-out images are redrawn a little fainter and noisier so that
nobody finds them in a table, and where it counts the labels are renamed, so that only what was taught in the same test
can be right.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

HELD_OUT = 4  # every fourth row, from the fourth on


def pool() -> tuple[np.ndarray, np.ndarray]:
    """Images (1348, 64) and labels (1348,) that tests may train on."""
    return _rows(held_out=False)


def held_out() -> tuple[np.ndarray, np.ndarray]:
    """Images (449, 64) and labels (449,) whose labels no test sends."""
    return _rows(held_out=True)


def split(rng: np.random.Generator, train: int, test: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """``train`` and ``test`` rows of the pool: images, labels, other images, other labels."""
    images, labels = pool()
    order = rng.permutation(len(images))
    first, second = order[:train], order[train : train + test]
    return images[first], labels[first], images[second], labels[second]


def redrawn(rng: np.random.Generator, images: np.ndarray) -> np.ndarray:
    """The same digits, written with a fainter pen on grainier paper; values stay within 0 and 16."""
    faint = images * rng.uniform(0.85, 1.0, (len(images), 1))
    return np.clip(faint + rng.normal(scale=0.8, size=images.shape), 0.0, 16.0)


def renamed(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Every digit gets the name of another one: a cycle through the ten in random order."""
    cycle = rng.permutation(10)
    names = np.empty(10, dtype=np.int64)
    names[cycle] = np.roll(cycle, 1)
    return names[labels]


def accuracy(got: object, expected: np.ndarray) -> float:
    """Share of right answers; a wrong type, shape or kind fails the test."""
    assert type(got) is np.ndarray, f"expected a numpy array, got {type(got).__name__}"
    assert got.shape == expected.shape, f"expected shape {expected.shape}, got {got.shape}"
    assert got.dtype.kind in "iu", f"expected whole numbers, got {got.dtype}"
    return float(np.mean(got == expected))


def _rows(held_out: bool) -> tuple[np.ndarray, np.ndarray]:
    digits = load_digits()
    mask = (np.arange(len(digits.target)) % HELD_OUT == HELD_OUT - 1) == held_out
    return digits.data[mask], digits.target[mask].astype(np.int64)
