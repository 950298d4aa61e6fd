"""What a student has in an assignment: chosen among the graded attempts, with people's marks, less the penalty."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db import audit, badges, groups, rules
from grader.db.marking import Grade, Mark, Review
from grader.db.school import Assignment, Extension, GroupMember, PublishedSuite
from grader.db.tables import Attempt, Submission

_AUDITED = (
    "submission_id", "attempt_id", "points", "max_points", "late_days", "final_points", "percent", "passed", "pending",
)  # fmt: skip
DEFAULT_PASS_MARK = 60.0
"""A rubric's own, for an attempt whose suite is not a published one."""


@dataclass(frozen=True)
class Work:
    """A submission by the newest graded attempt of it that counts."""

    submission_id: str
    attempt_id: str
    received_at: datetime
    pass_mark: float


def find(session: Session, assignment_id: str, person_id: str) -> Grade | None:
    return session.get(Grade, (assignment_id, person_id))


def settle(session: Session, assignment_id: str, person_id: str, *, why: str, by: str | None = None) -> Grade | None:
    """Choose the attempt that counts for a student and write the grade anew; None while nothing of theirs is graded.

    Called whenever an attempt ends, a person marks, a date or a rule changes or a regrade is applied. Calling it once
    too often does nothing: only a grade that differs is written, with a row `grade.settled` in the audit log.

    Args:
        why: what brought it about, for the audit log and the student.
        by: id of the person whose doing it was; None for the system.
    """
    groups.hold(session, [person_id])
    assignment = session.get_one(Assignment, assignment_id)
    extension = session.get(Extension, (assignment_id, person_id))
    group = groups.group_of(session, assignment_id, person_id)
    works = _works(session, assignment_id, person_id, group.id if group else None)
    values = choose(assignment, extension, works, _criteria(session, works))
    return _write(session, assignment, person_id, values, why=why, by=by)


def settle_all(session: Session, assignment_id: str, *, why: str, by: str | None = None) -> int:
    """Settle everybody who has handed in for an assignment or has a grade; returns how many they are."""
    queries = (
        select(Submission.person_id).where(Submission.assignment_id == assignment_id),
        select(Grade.person_id).where(Grade.assignment_id == assignment_id),
        select(GroupMember.person_id).where(
            GroupMember.group_id.in_(select(Submission.group_id).where(Submission.assignment_id == assignment_id))
        ),
    )
    people = {person for query in queries for person in session.scalars(query) if person is not None}
    for person_id in sorted(people):
        settle(session, assignment_id, person_id, why=why, by=by)
    return len(people)


def _works(session: Session, assignment_id: str, person_id: str, group_id: str | None) -> Sequence[Work]:
    """Oldest first."""
    rows = session.execute(
        select(
            Submission.id,
            Attempt.id,
            Submission.received_at,
            func.coalesce(PublishedSuite.pass_mark, DEFAULT_PASS_MARK),
        )
        .join(Attempt, Attempt.submission_id == Submission.id)
        .outerjoin(PublishedSuite, PublishedSuite.id == Attempt.suite_id)
        .where(groups.work_of(assignment_id, person_id, group_id), Attempt.state == "graded", Attempt.counts)
        .order_by(Submission.seq, Attempt.number)
    )
    works = (Work(*row) for row in rows)
    return list({work.submission_id: work for work in works}.values())


def _criteria(session: Session, works: Iterable[Work]) -> Mapping[str, list[dict[str, Any]]]:
    """Criteria by attempt, in the form of a report's, with the marks that people have given."""
    submission_of = {work.attempt_id: work.submission_id for work in works}
    reviews = {
        (row.submission_id, row.criterion): rules.ReviewMark(row.level, row.points)
        for row in session.scalars(
            select(Review).where(Review.submission_id.in_(submission_of.values()), Review.replaced_at.is_(None))
        )
    }
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in session.scalars(select(Mark).where(Mark.attempt_id.in_(submission_of))):
        plain = {"points": mark.points, "max_points": mark.max_points, "status": mark.status}
        review = reviews.get((submission_of[mark.attempt_id], mark.criterion))
        found[mark.attempt_id].append(dict(rules.reviewed(plain, review)))
    return found


def choose(
    assignment: Assignment,
    extension: Extension | None,
    works: Sequence[Work],
    criteria: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any] | None:
    """The columns of the grade, given works from the oldest and criteria by attempt; None without any work.

    Of equal ones the earlier counts, so that a grade does not move without reason.
    """
    due = rules.effective_due(assignment, extension)
    grades = [_graded(assignment, due, work, criteria.get(work.attempt_id, [])) for work in works]
    if assignment.counts == "last" or not grades:
        return grades[-1] if grades else None
    return max(grades, key=lambda grade: grade["final_points"])


def _graded(
    assignment: Assignment, due: datetime | None, work: Work, criteria: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    criteria = list(criteria)
    most = round(math.fsum(criterion["max_points"] for criterion in criteria), 4)
    points = min(most, round(math.fsum(criterion["points"] for criterion in criteria), 4))
    late = rules.late_days(work.received_at, due, assignment.grace_days)
    final = rules.after_penalty(points, late, assignment.penalty)
    percent = rules.percent_of(final, most)
    pending = any(criterion["status"] == "pending" for criterion in criteria)
    return {
        "submission_id": work.submission_id,
        "attempt_id": work.attempt_id,
        "points": points,
        "max_points": most,
        "late_days": late,
        "final_points": final,
        "percent": percent,
        "passed": percent >= work.pass_mark and not pending,
        "pending": pending,
    }


def _write(
    session: Session,
    assignment: Assignment,
    person_id: str,
    values: dict[str, Any] | None,
    *,
    why: str,
    by: str | None,
) -> Grade | None:
    grade = session.get(Grade, (assignment.id, person_id), populate_existing=True)
    before = {name: getattr(grade, name) for name in _AUDITED} if grade else None
    if values == before:
        return grade
    now = datetime.now(UTC)
    if values is None:
        session.delete(grade)
        grade = None
    elif grade is None:
        grade = Grade(assignment_id=assignment.id, person_id=person_id, updated_at=now, **values)
        session.add(grade)
    else:
        for name, value in values.items():
            setattr(grade, name, value)
        grade.updated_at = now
    session.flush()
    about = f"grade:{assignment.id}:{person_id}"
    audit.note(
        session, "grade.settled", about, by=by, course_id=assignment.course_id, before=before, after=values, why=why
    )
    badges.follow(session, assignment, person_id, grade, why=why, by=by)
    return grade
