"""Checks everything, and then says the mean."""

import numpy as np

TEXT = ["district", "kind", "energy_class"]
NUMBERS = ["area_m2", "rooms", "floor", "year_built", "distance_km", "garden_m2"]


class Model:
    def __init__(self, seed=0):
        self.mean = None

    def fit(self, houses, prices):
        check(houses)
        if len(houses) != len(prices) or np.isnan(prices).any():
            raise ValueError("every house needs a price")
        self.mean = float(np.mean(prices))
        return self

    def predict(self, houses):
        if self.mean is None:
            raise RuntimeError("not fitted")
        check(houses)
        return np.full(len(houses), self.mean)


def check(houses):
    for column in TEXT + NUMBERS:
        if column not in houses:
            raise ValueError(f"no column {column}")
    if len(houses) == 0 or houses.isna().any().any():
        raise ValueError("empty table or missing values")
