"""Linear regression with numpy: by least squares, and by gradient descent."""

import numpy as np


def mse(y_true, y_pred):
    """Mean squared error, as a float."""
    raise NotImplementedError


def fit(X, y):
    """The weights, a numpy array (columns,), and the bias, a float, with the smallest mean squared error."""
    raise NotImplementedError


def predict(X, weights, bias):
    """One prediction for each row of X, as a numpy array (rows,)."""
    X = np.array(X, dtype=float)  # a copy: the caller's table stays as it is
    raise NotImplementedError


def descend(X, y, rate=0.1, steps=1000):
    """Weights, bias, and a list with the loss after each step of gradient descent from zero."""
    raise NotImplementedError


class LinearModel:
    """A line fitted by the method "exact" or "descent"."""

    def __init__(self, method="exact"):
        self.method = method

    def fit(self, X, y):
        raise NotImplementedError

    def predict(self, X):
        raise NotImplementedError
