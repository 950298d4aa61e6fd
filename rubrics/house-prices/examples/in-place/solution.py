"""Writes its features into the caller's table."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TEXT = ["district", "kind", "energy_class"]
NUMBERS = ["area_m2", "rooms", "floor", "year_built", "distance_km", "garden_m2"]


class Model:
    """Predicts prices from the nine columns of the brief; the unit is that of the prices it was shown."""

    def __init__(self, seed=0):
        self.seed = seed
        self._line = None
        self._trees = None

    def fit(self, houses, prices):
        """Learn from a frame and as many positive prices; returns the model."""
        table = _features(houses)
        prices = np.asarray(prices, dtype=float)
        if prices.shape != (len(table),):
            raise ValueError(f"{len(table)} houses but prices of shape {prices.shape}")
        if not (np.isfinite(prices) & (prices > 0)).all():
            raise ValueError("prices must be positive numbers")
        target = np.log(prices)
        self._line = make_pipeline(_encoder(), Ridge(alpha=1.0)).fit(table, target)
        left = target - self._line.predict(table)
        trees = GradientBoostingRegressor(
            n_estimators=40, max_depth=2, learning_rate=0.08, subsample=0.7, random_state=self.seed
        )
        self._trees = make_pipeline(_encoder(), trees).fit(table, left)
        return self

    def predict(self, houses):
        """Prices (rows,) of the houses in a frame."""
        if self._line is None:
            raise RuntimeError("fit the model before predicting with it")
        table = _features(houses)
        return np.exp(self._line.predict(table) + self._trees.predict(table))


def _features(houses):
    """The columns the models use, in a new frame; ValueError for a table that can't be used."""
    missing = [name for name in TEXT + NUMBERS if name not in houses.columns]
    if missing:
        raise ValueError(f"the table has no column {', '.join(missing)}")
    if len(houses) == 0:
        raise ValueError("the table has no rows")
    table = houses
    if table.isna().to_numpy().any():
        raise ValueError("the table has missing values")
    if not np.isfinite(table[NUMBERS].to_numpy(dtype=float)).all():
        raise ValueError("the table has infinite values")
    table["log_area"] = np.log(table["area_m2"])
    table["age_squared"] = ((table["year_built"] - 1975) / 50) ** 2
    table["central_garden"] = table["garden_m2"] * np.exp(-table["distance_km"] / 2)
    return table


def _encoder():
    # an unknown category becomes all zeros: the average district, as far as the ridge is concerned
    return ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore"), TEXT)],
        remainder=StandardScaler(),
        sparse_threshold=0.0,
    )
