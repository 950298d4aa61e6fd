"""What a result page shows around a report: whose work it is, which grade follows, what there is to learn from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from grader.db import audit, coursework, reviews, suites
from grader.db.school import Course
from grader.errors import StoreError
from grader.rubric.failures import Failure, read_failure
from grader.rubric.model import Rubric
from grader.web import policy
from grader.web.bars import Bar, metric_bar
from grader.web.services import Services
from grader.web.status import Status

log = logging.getLogger(__name__)

CHANGES = 20


def place(services: Services, status: Status) -> dict[str, Any]:
    """Course and assignment of a submission, for the way back; None each for one from before there were courses."""
    if status.coursework is None:
        return {"assignment": None, "course": None}
    assignment = status.coursework.assignment
    with services.database.read() as session:
        return {"assignment": assignment, "course": session.get_one(Course, assignment.course_id)}


def around(services: Services, status: Status, person_id: str) -> dict[str, Any]:
    """The rest of what templates/student/submission.html needs. A constant number of queries.

    Args:
        person_id: whose grade is told of.
    """
    values: dict[str, Any] = place(services, status)
    rubric = _rubric(services, status)
    report = status.report
    with services.database.read() as session:
        values["reviews"] = reviews.current(session, status.submission.id) if report is not None else {}
        values["previous"] = coursework.graded_before(session, status.submission) if report is not None else None
        values["changes"] = _changes(session, status, person_id)
    return values | {
        "rubric": rubric,
        "failures": _failures(report) if report is not None else {},
        "bars": _bars(report, rubric) if report is not None else {},
        "policy": policy,
    }


def _changes(session: Session, status: Status, person_id: str) -> list[dict[str, Any]]:
    """How the grade that this submission gives has changed since, and why."""
    if status.coursework is None:
        return []
    history = audit.history(session, f"grade:{status.coursework.assignment.id}:{person_id}", CHANGES)
    changes = policy.changes_without_submission(history)
    return [change for change in changes if change["submission_id"] == status.submission.id]


def _rubric(services: Services, status: Status) -> Rubric | None:
    """The rubric that judged; None when its files cannot be had, which costs the page only its drawings."""
    suite = status.coursework.suite if status.coursework is not None else None
    if suite is None:
        return None
    try:
        return suites.open_suite(services.settings, services.blobs, suite).rubric
    except StoreError as error:
        log.error("the suite of %s cannot be opened: %s", status.attempt.id, error)
        return None


def _failures(report: Mapping[str, Any]) -> dict[str, Failure]:
    """By test id, for the tests whose message could be read."""
    tests = [test for criterion in report["criteria"] for test in criterion["tests"] if test["message"]]
    read = {test["id"]: read_failure(test["message"]) for test in tests}
    return {test: failure for test, failure in read.items() if failure is not None}


def _bars(report: Mapping[str, Any], rubric: Rubric | None) -> dict[str, Bar]:
    """By criterion id, for the metrics whose value the student may see."""
    known = {criterion.id: criterion.metric for criterion in rubric.criteria} if rubric is not None else {}
    shown: Sequence[Mapping[str, Any]] = [
        one for one in report["criteria"] if (one["metric"] or {}).get("value") is not None
    ]
    return {one["id"]: metric_bar(spec, one["metric"]["value"]) for one in shown if (spec := known.get(one["id"]))}
