"""Each finding is checked twice: for the file that everybody has, and for a table that nobody has seen."""

import pytest
from pandas.testing import assert_frame_equal
from suite_churn import found, fresh, known

from grader.exam.sdk import assert_close


@pytest.mark.points(2)
@pytest.mark.parametrize("name", ["customers", "repeated", "missing", "churn_rate", "by_contract", "median_tenure"])
def test_finding(submission, data, rng, name):
    notebook = submission.notebook
    assert_close(notebook["findings"][name], found(known(data))[name])
    table = fresh(data, rng)
    expected = found(table)
    assert_close(notebook["explore"](table)[name], expected[name])


@pytest.mark.points(3)
def test_exploring_leaves_the_table_alone(submission, data, rng):
    table = fresh(data, rng)
    before = table.copy(deep=True)
    findings = submission.notebook["explore"](table)
    assert_frame_equal(table, before)
    assert_close(findings["missing"], found(before)["missing"])
