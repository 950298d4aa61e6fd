"""The prices of hidden.csv never leave this process; only its houses are sent."""

from solution import Model
from suite_houses import estimates, rmse, table


def test_error_on_unseen_houses(metric, data, rng):
    houses, prices = table(data / "train.csv")
    others, truth = table(data / "hidden.csv")
    order = rng.permutation(len(others))
    model = Model(seed=int(rng.integers(1000))).fit(houses, prices)
    got = estimates(model.predict(others.iloc[order].reset_index(drop=True)), len(others))
    metric("rmse", rmse(got, truth[order]))
