"""Every refusal stands beside a call that must work, so a model that refuses everything earns nothing here."""

import numpy as np
import pytest
from solution import Model
from suite_houses import error, split


def fitted(houses, prices, others, truth):
    """A model that does its work; without one there is nothing to refuse."""
    model = Model(seed=1).fit(houses, prices)
    assert error(model.predict(others), truth) < 0.9
    return model


@pytest.mark.points(3)
@pytest.mark.parametrize("column", ["area_m2", "district"])
def test_a_missing_column_is_named(data, rng, column):
    houses, prices, others, truth = split(data, rng)
    model = fitted(houses, prices, others, truth)
    with pytest.raises(ValueError, match=column):
        model.predict(others.drop(columns=column))
    with pytest.raises(ValueError, match=column):
        Model(seed=1).fit(houses.drop(columns=column), prices)


@pytest.mark.points(3)
def test_a_hole_in_the_table_is_refused(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = fitted(houses, prices, others, truth)
    for frame, act in ((others, model.predict), (houses, lambda table: Model(seed=1).fit(table, prices))):
        holed = frame.copy(deep=True)
        holed.loc[3, "distance_km"] = np.nan
        with pytest.raises(ValueError, match=r"\w"):
            act(holed)


@pytest.mark.points(2)
def test_an_empty_table_is_refused(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = fitted(houses, prices, others, truth)
    with pytest.raises(ValueError, match=r"\w"):
        model.predict(others.iloc[:0])
    with pytest.raises(ValueError, match=r"\w"):
        Model(seed=1).fit(houses.iloc[:0], prices[:0])


@pytest.mark.points(2)
def test_prices_that_do_not_match_are_refused(data, rng):
    houses, prices, others, truth = split(data, rng)
    fitted(houses, prices, others, truth)
    with pytest.raises(ValueError, match=r"\w"):
        Model(seed=1).fit(houses, prices[:-1])
    with pytest.raises(ValueError, match=r"\w"):
        Model(seed=1).fit(houses, np.where(np.arange(len(prices)) == 5, np.nan, prices))


@pytest.mark.points(2)
def test_predicting_before_fitting_is_a_runtime_error(data, rng):
    houses, prices, others, truth = split(data, rng)
    fitted(houses, prices, others, truth)
    with pytest.raises(RuntimeError):
        Model(seed=1).predict(others)
