"""What follows from a graded attempt of an assignment: marks, counts of tests, grades and the news of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload, undefer

from grader.db import grades, groups, webhooks
from grader.db.marking import Grade, Mark, Tally
from grader.db.school import Assignment, Person
from grader.db.tables import Attempt, Submission

_ROWS = 100
"""Of one statement: databases limit how many values one may carry."""


def hold(session: Session, attempt_id: str) -> None:
    """Make transactions that end attempts of the same people take turns, before either has changed a row."""
    submission = _submission(session, attempt_id)
    if submission is not None:
        groups.hold(session, groups.owners(session, submission))


def record(session: Session, attempt_id: str, report: Mapping[str, Any]) -> None:
    """Keep what a graded attempt says. A dry run leaves its marks and no more, until `adopt`.

    Submissions without an assignment have no grades: nothing is kept.
    """
    submission = _submission(session, attempt_id)
    if submission is None or submission.assignment_id is None:
        return
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    _mark(session, attempt, submission.assignment_id, report)
    if not attempt.counts:
        return
    _tally(session, attempt, submission.assignment_id, report)
    why = f"attempt {attempt.number} of submission {submission.id} was graded"
    for person_id in groups.owners(session, submission):
        grade = grades.settle(session, submission.assignment_id, person_id, why=why)
        _announce(session, submission, person_id, grade)


def adopt(session: Session, regrade_id: str) -> list[str]:
    """Make the graded dry runs of a regrade count; returns the ids of the people whose grades are to be settled.

    Their points become those of their submissions, and their tests are counted. Grades are left to the caller, who
    knows the reason.
    """
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.regrade_id == regrade_id, Attempt.state == "graded", Attempt.counts.is_(False))
        .order_by(Attempt.id)
        .options(undefer(Attempt.report), joinedload(Attempt.submission))
    ).all()
    people: set[str] = set()
    for attempt in attempts:
        submission = attempt.submission
        people.update(groups.owners(session, submission))
        attempt.counts = True
        report = attempt.report or {}
        submission.points, submission.max_points = report.get("points"), report.get("max_points")
        submission.passed = report.get("passed")
        if submission.assignment_id is not None:
            _tally(session, attempt, submission.assignment_id, report)
    session.flush()
    return sorted(people)


def _submission(session: Session, attempt_id: str) -> Submission | None:
    return session.scalar(select(Submission).join(Attempt).where(Attempt.id == attempt_id))


def _mark(session: Session, attempt: Attempt, assignment_id: str, report: Mapping[str, Any]) -> None:
    session.execute(delete(Mark).where(Mark.attempt_id == attempt.id))
    rows = [
        {
            "attempt_id": attempt.id,
            "criterion": criterion["id"],
            "assignment_id": assignment_id,
            "points": criterion["points"],
            "max_points": criterion["max_points"],
            "status": criterion["status"],
            "metric": (criterion.get("metric") or {}).get("value"),
        }
        for criterion in report.get("criteria", ())
    ]
    if rows:
        session.execute(insert(Mark), rows)


def _tally(session: Session, attempt: Attempt, assignment_id: str, report: Mapping[str, Any]) -> None:
    """Count the tests that ran. Rows are taken in one order, so that two workers never wait for each other."""
    rows = list(_tested(report))
    key = {"assignment_id": assignment_id, "suite_id": attempt.suite_id}
    for start in range(0, len(rows) if attempt.suite_id else 0, _ROWS):
        _add(session, [key | row for row in rows[start : start + _ROWS]])


def _tested(report: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Counts of one run by test, each test once though several criteria may name it."""
    found: dict[str, dict[str, Any]] = {}
    for criterion in report.get("criteria", ()):
        for test in criterion.get("tests", ()):
            if test["status"] == "not_run":
                continue
            passed = int(test["status"] == "passed")
            row = {"test": test["id"][:500], "criterion": criterion["id"], "runs": 1, "passed": passed}
            found.setdefault(row["test"], row | {"seconds": test.get("seconds", 0.0)})
    return (found[test] for test in sorted(found))


def _add(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert counts, or add them to those that are there."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = make(Tally).values(rows)
    new = query.excluded
    sums = {name: getattr(Tally, name) + new[name] for name in ("runs", "passed", "seconds")}
    key = ["assignment_id", "suite_id", "test"]
    session.execute(query.on_conflict_do_update(index_elements=key, set_={"criterion": new.criterion, **sums}))


def _announce(session: Session, submission: Submission, person_id: str, grade: Grade | None) -> None:
    assignment = session.get_one(Assignment, submission.assignment_id)
    person = session.get_one(Person, person_id)
    webhooks.announce(session, "graded", assignment, person, {"submission": submission.id, "grade": summary(grade)})


def summary(grade: Grade | None) -> dict[str, Any] | None:
    """A grade as JSON, for programs."""
    if grade is None:
        return None
    names = ("submission_id", "points", "max_points", "late_days", "final_points", "percent", "passed", "pending")
    return {name: getattr(grade, name) for name in names}
