"""Predicts the mean of what it saw, whatever it is asked; the error measure is right."""

import numpy as np


def mse(y_true, y_pred):
    return float(np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2))


def fit(X, y):
    return np.zeros(np.shape(X)[1]), float(np.mean(y))


def predict(X, weights, bias):
    return np.full(len(X), bias)


def descend(X, y, rate=0.1, steps=1000):
    bias = float(np.mean(y))
    return np.zeros(np.shape(X)[1]), bias, [mse(y, np.full(len(y), bias))] * steps


class LinearModel:
    def __init__(self, method="exact"):
        self.method = method

    def fit(self, X, y):
        self.weights, self.bias = fit(X, y)
        return self

    def predict(self, X):
        return predict(X, self.weights, self.bias)
