"""The examples of the brief. Run them with `pytest`, and add your own: the hidden tests will."""

import numpy as np
import pytest
from solution import LinearModel, descend, fit, mse, predict

TABLE = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, -1.0]]
TARGET = [4.0, 9.0, 4.0, 19.0]


def test_mse():
    assert mse([1.0, 2.0, 3.0], [1.0, 2.0, 5.0]) == pytest.approx(4 / 3)


def test_fit_and_predict():
    weights, bias = fit(TABLE, TARGET)
    assert weights == pytest.approx([3.0, -2.0])
    assert bias == pytest.approx(5.0)
    assert predict([[1.0, 1.0]], weights, bias) == pytest.approx([6.0])


def test_descend():
    weights, bias, losses = descend(TABLE, TARGET, rate=0.03, steps=20)
    assert weights.shape == (2,)
    assert isinstance(bias, float)
    assert len(losses) == 20
    assert losses[-1] < losses[0]


def test_model():
    model = LinearModel(method="descent")
    assert model.fit(TABLE, TARGET) is model
    assert np.allclose(model.predict(TABLE), TARGET, rtol=1e-3)
