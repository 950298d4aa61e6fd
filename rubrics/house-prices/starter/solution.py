"""House prices."""

TEXT = ["district", "kind", "energy_class"]
NUMBERS = ["area_m2", "rooms", "floor", "year_built", "distance_km", "garden_m2"]


class Model:
    """Predicts the price of a house from its nine columns."""

    def __init__(self, seed=0):
        self.seed = seed

    def fit(self, houses, prices):
        """Learn from a DataFrame and a numpy array with a price for each row; returns the model."""
        raise NotImplementedError

    def predict(self, houses):
        """Prices, a numpy array (rows,), of the houses in a DataFrame."""
        raise NotImplementedError
