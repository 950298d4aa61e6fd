"""One NaN per house."""

import numpy as np


class Model:
    def __init__(self, seed=0):
        self.seed = seed

    def fit(self, houses, prices):
        return self

    def predict(self, houses):
        return np.full(len(houses), np.nan)
