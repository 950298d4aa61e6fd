"""Overfits completely: remembers every house it was shown, and knows the mean for all others."""

import numpy as np


class Model:
    def __init__(self, seed=0):
        self.seed = seed

    def fit(self, houses, prices):
        self.mean = float(np.mean(prices))
        self.known = dict(zip(map(tuple, houses.to_numpy()), prices, strict=True))
        return self

    def predict(self, houses):
        rows = map(tuple, houses.to_numpy())
        return np.array([self.known.get(row, self.mean) for row in rows])
