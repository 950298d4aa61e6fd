"""A conclusion speaks of what the notebook found. Whether it speaks well is for a person to judge."""

import re

import pytest
from suite_churn import found, known

from grader.exam.sdk import assert_close


@pytest.mark.parametrize("what", ["all", "month-to-month"])
def test_the_conclusion_gives_the_share_who_left(submission, data, what):
    shares = found(known(data))
    findings = submission.notebook["findings"]
    share = shares["churn_rate"] if what == "all" else shares["by_contract"][what]
    assert_close(findings["churn_rate"] if what == "all" else findings["by_contract"][what], share)
    text = "\n".join(cell.source for cell in submission.notebook.by_tag("conclusion") if cell.type == "markdown")
    numbers = [float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", text)]
    near = [n for n in numbers if abs(n - 100 * share) <= 0.6 or (n < 1 and abs(n - share) <= 0.006)]
    assert near, "the conclusion does not give this share, as a percentage or as a number between 0 and 1"
