"""What is known only once a customer is leaving must not matter."""

import numpy as np
from suite_churn import asked_about, asker, known, sensible

from grader.exam.sdk import assert_close


def test_the_minutes_of_the_last_call_do_not_matter(submission, data, rng):
    """Minutes that mean nothing come first: a notebook that remembers its answers would remember these."""
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    minutes = known(data)["exit_call_minutes"].dropna().to_numpy()
    called = table.assign(exit_call_minutes=rng.choice(minutes, len(table)))
    some = called.assign(exit_call_minutes=called["exit_call_minutes"].where(rng.random(len(table)) < 0.5))
    answers = sensible(predict(some), truth)
    assert_close(sensible(predict(table), truth), answers, rtol=1e-9)
    assert_close(predict(called), answers, rtol=1e-9)
    assert_close(predict(table.assign(exit_call_minutes=np.zeros(len(table)))), answers, rtol=1e-9)


def test_the_number_of_a_customer_does_not_matter(submission, data, rng):
    table, truth = asked_about(data, rng)
    predict = asker(submission)
    answers = sensible(predict(table), truth)
    renamed = table.assign(customer_id=rng.permutation(table["customer_id"].to_numpy()))
    assert_close(predict(renamed), answers, rtol=1e-9)
