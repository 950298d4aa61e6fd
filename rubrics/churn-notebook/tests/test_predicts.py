import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from suite_churn import asked_about, asker, known, sensible, tidied

from grader.exam.sdk import assert_close


@pytest.mark.points(4)
def test_a_probability_for_each_row(submission, data, rng):
    table, truth = asked_about(data, rng)
    sensible(asker(submission)(table), truth)


@pytest.mark.points(2)
def test_rows_go_by_their_place(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    straight = sensible(predict(table), truth)
    order = rng.permutation(len(table))
    assert_close(predict(table.iloc[order]), straight[order], rtol=1e-9)


@pytest.mark.points(2)
def test_a_customer_in_two_rows_gets_two_answers(submission, data, rng):
    table, truth = asked_about(data, rng)
    twice = np.sort(np.concatenate([np.arange(len(table)), rng.permutation(len(table))[:50]]))
    sensible(asker(submission)(table.iloc[twice].reset_index(drop=True)), truth[twice])


@pytest.mark.points(3)
def test_as_many_leave_as_the_probabilities_say(submission, data):
    table = known(data)
    truth = tidied(table)["churned"].to_numpy(dtype=bool)
    table = table.drop(columns="churned").assign(exit_call_minutes=np.nan)
    answers = sensible(asker(submission)(table), truth)
    assert_close(float(answers.mean()), float(truth.mean()), rtol=0, atol=0.05)


@pytest.mark.points(2)
def test_the_given_table_is_left_alone(submission, data, rng):
    table, truth = asked_about(data, rng)
    before = table.copy(deep=True)
    answers = submission.notebook["predict_churn"](table)
    assert_frame_equal(table, before)
    sensible(answers, truth)
