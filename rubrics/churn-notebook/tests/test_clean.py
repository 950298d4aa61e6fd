"""What is expected is worked out before the notebook gets the table: it might change it."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from suite_churn import NUMBERS, WORDS, cleaned, fresh

from grader.exam.sdk import assert_close


def clean(submission, frame):
    """What the notebook's `clean` makes of a frame; a frame itself."""
    got = submission.notebook["clean"](frame)
    assert type(got) is pd.DataFrame, f"clean returned a {type(got).__name__}, expected a DataFrame"
    return got


def words(frame, name):
    return [None if pd.isna(value) else value for value in frame[name].tolist()]


def numbers(frame, name):
    assert frame[name].dtype.kind == "f", f"{name} has the dtype {frame[name].dtype}, expected floats"
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


@pytest.mark.points(3)
def test_each_customer_is_there_once(submission, data, rng):
    table = fresh(data, rng)
    expected, got = cleaned(table), clean(submission, table)
    assert_close(got["customer_id"].tolist(), expected["customer_id"].tolist())
    assert_close(got["monthly_charge"].tolist(), expected["monthly_charge"].tolist())


def test_rows_and_columns_are_in_order(submission, data, rng):
    table = fresh(data, rng).drop(columns="churned")
    expected, got = cleaned(table), clean(submission, table)
    assert_close(list(got.columns), list(expected.columns))
    assert_close(got.index.tolist(), list(range(len(expected))))


@pytest.mark.points(2)
@pytest.mark.parametrize("name", WORDS)
def test_words_are_spelt_one_way(submission, data, rng, name):
    table = fresh(data, rng)
    expected = words(cleaned(table), name)
    assert_close(words(clean(submission, table), name), expected)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_numbers(submission, data, rng, name):
    table = fresh(data, rng)
    expected = numbers(cleaned(table), name)
    assert_close(numbers(clean(submission, table), name), expected)


def test_churned_is_true_or_false(submission, data, rng):
    table = fresh(data, rng)
    expected = cleaned(table)["churned"].tolist()
    assert_close(clean(submission, table)["churned"].tolist(), expected)


@pytest.mark.points(2)
def test_the_given_table_is_left_alone(submission, data, rng):
    table = fresh(data, rng)
    before = table.copy(deep=True)
    got = clean(submission, table)
    assert_frame_equal(table, before)
    assert_close(numbers(got, "total_charges"), numbers(cleaned(before), "total_charges"))
