"""Needs a library that the brief doesn't offer."""

from xgboost import XGBRegressor


class Model:
    def __init__(self, seed=0):
        self.model = XGBRegressor(random_state=seed, enable_categorical=True)

    def fit(self, houses, prices):
        self.model.fit(houses, prices)
        return self

    def predict(self, houses):
        return self.model.predict(houses)
