import pytest
from solution import Model
from suite_houses import error, split

from grader.exam.sdk import assert_close


@pytest.mark.points(6)
def test_two_models_with_one_seed_agree(data, rng):
    houses, prices, others, truth = split(data, rng)
    seed = int(rng.integers(1000))
    first, second = Model(seed=seed).fit(houses, prices), Model(seed=seed).fit(houses, prices)
    answers = first.predict(others)
    assert error(answers, truth) < 0.9
    assert_close(second.predict(others), answers, rtol=1e-9)


@pytest.mark.points(4)
def test_a_second_fit_forgets_the_first(data, rng):
    houses, prices, others, truth = split(data, rng)
    fresh, used = Model(seed=4), Model(seed=4)
    used.fit(others, truth[::-1].copy())
    used.fit(houses, prices)
    answers = fresh.fit(houses, prices).predict(others)
    assert error(answers, truth) < 0.9
    assert_close(used.predict(others), answers, rtol=1e-9)
