import numpy as np
import pytest
from solution import Model
from suite_houses import error, estimates, split

from grader.exam.sdk import assert_close


@pytest.mark.points(5)
def test_houses_in_a_new_district_get_sensible_prices(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices)
    assert error(model.predict(others.assign(district="Neufeld")), truth) < 0.95


@pytest.mark.points(3)
def test_a_new_kind_and_a_new_energy_class_too(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices)
    assert error(model.predict(others.assign(kind="houseboat", energy_class="A+")), truth) < 0.95


@pytest.mark.points(2)
def test_the_other_rows_do_not_notice(data, rng):
    houses, prices, others, truth = split(data, rng)
    model = Model(seed=1).fit(houses, prices)
    straight = model.predict(others)
    assert error(straight, truth) < 0.9
    changed = others.copy(deep=True)
    changed.loc[:9, "district"] = "Neufeld"
    mixed = estimates(model.predict(changed), len(others))
    assert_close(mixed[10:], np.array(straight[10:]), rtol=1e-9)
