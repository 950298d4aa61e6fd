import numpy as np
import pytest
from solution import Model
from suite_houses import error, estimates, split

from grader.exam.sdk import assert_close


@pytest.mark.points(3)
def test_it_has_learnt_what_it_was_shown(data, rng):
    houses, prices, _, _ = split(data, rng)
    model = Model(seed=1)
    assert model.fit(houses, prices) is model
    assert error(model.predict(houses), prices) < 0.6


@pytest.mark.points(9)
def test_it_does_much_better_than_the_mean_on_other_houses(data, rng):
    houses, prices, others, truth = split(data, rng)
    assert error(Model(seed=1).fit(houses, prices).predict(others), truth) < 0.65


@pytest.mark.points(4)
def test_one_house_at_a_time_gives_the_same_prices(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices)
    together = model.predict(others)
    assert error(together, truth) < 0.9
    for row in range(10):
        alone = estimates(model.predict(others.iloc[[row]].reset_index(drop=True)), 1)
        assert_close(alone, together[row : row + 1], rtol=1e-9)


@pytest.mark.points(3)
def test_columns_go_by_their_name(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices)
    straight = model.predict(others)
    assert error(straight, truth) < 0.9
    shuffled = others[[others.columns[place] for place in rng.permutation(len(others.columns))]]
    assert_close(model.predict(shuffled.assign(agent="Miller", viewings=3)), straight, rtol=1e-9)


@pytest.mark.points(3)
def test_rows_go_by_their_place(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses.set_index(rng.permutation(len(houses)) + 7), prices)
    straight = model.predict(others)
    assert error(straight, truth) < 0.9
    order = rng.permutation(len(others))
    assert_close(model.predict(others.iloc[order]), straight[order], rtol=1e-9)


@pytest.mark.points(3)
def test_another_currency_is_another_price(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices * 40)
    got = model.predict(others)
    assert error(got, truth * 40) < 0.9
    assert 0.7 < float(np.median(got / (truth * 40))) < 1.4
