import pytest
from pandas.testing import assert_frame_equal
from solution import Model
from suite_houses import error, split

from grader.exam.sdk import assert_close


@pytest.mark.points(5)
def test_fit_leaves_its_table_and_prices_alone(data, rng):
    houses, prices, others, truth = split(data, rng)
    houses_before, prices_before = houses.copy(deep=True), prices.copy()
    model = Model(seed=1).fit(houses, prices)
    assert_frame_equal(houses, houses_before)
    assert_close(prices, prices_before, rtol=0, atol=0)
    assert error(model.predict(others), truth) < 0.9


@pytest.mark.points(5)
def test_predict_leaves_its_table_alone(data, rng):
    houses, prices, others, truth = split(data, rng)
    before = others.copy(deep=True)
    answers = Model(seed=1).fit(houses, prices).predict(others)
    assert_frame_equal(others, before)
    assert error(answers, truth) < 0.9
