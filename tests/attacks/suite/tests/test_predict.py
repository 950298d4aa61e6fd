"""Strict tests: length, finiteness and every value count; what is expected is fixed before the student's code runs."""

import numpy as np
from solution import predict

from grader.exam.sdk import assert_close


def test_basic():
    assert_close(predict([1.0, 2.0, 3.0]), [3.0, 5.0, 7.0])


def test_held_out():
    expected = np.array([-6.0, 1.5, 1.0, 2_000_001.0])
    got = np.asarray(predict([-3.5, 0.25, 0.0, 1e6]), dtype=np.float64)
    assert got.shape == expected.shape
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


def test_random(rng):
    xs = [float(rng.uniform(-100, 100)) for _ in range(8)]
    expected = [2 * x + 1 for x in xs]
    assert_close(predict(xs), expected)
