"""Next month's file. Every test asks for sensible answers first, so a constant that minds nothing earns nothing."""

import numpy as np
import pytest
from suite_churn import NUMBERS, WORDS, asked_about, asker, probabilities, sensible

from grader.exam.sdk import assert_close


@pytest.mark.points(3)
def test_words_that_no_customer_had(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    straight = sensible(predict(table), truth)
    changed = table.copy(deep=True)
    changed.loc[:9, ["contract", "internet", "payment"]] = ["weekly", "satellite", "wallet"]
    got = probabilities(predict(changed), len(table))
    assert_close(got[10:], straight[10:], rtol=1e-9)


@pytest.mark.points(3)
def test_rows_with_nothing_in_them(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    straight = sensible(predict(table), truth)
    changed = table.copy(deep=True)
    changed.loc[:9, [*NUMBERS, *WORDS]] = np.nan
    got = probabilities(predict(changed), len(table))
    assert_close(got[10:], straight[10:], rtol=1e-9)


@pytest.mark.points(2)
def test_columns_go_by_their_name(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    straight = sensible(predict(table), truth)
    order = rng.permutation(len(table.columns))
    other = table.iloc[:, order].assign(agent="Miller").set_index(rng.permutation(len(table)) + 7)
    assert_close(predict(other), straight, rtol=1e-9)


@pytest.mark.points(2)
def test_another_spelling_is_the_same_customer(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    straight = sensible(predict(table), truth)
    other = table.copy(deep=True)
    for name in WORDS:
        words = other[name].str.strip().str.upper().str.replace("[ -]", "_", regex=True)
        other[name] = " " + words + "  "
    other["total_charges"] = other["total_charges"].str.replace(",", "")
    assert_close(predict(other), straight, rtol=1e-9)


@pytest.mark.points(2)
def test_one_customer_at_a_time_gives_the_same_answers(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    together = sensible(predict(table), truth)
    for row in range(10):
        alone = probabilities(predict(table.iloc[[row]].reset_index(drop=True)), 1)
        assert_close(alone, together[row : row + 1], rtol=1e-9)
