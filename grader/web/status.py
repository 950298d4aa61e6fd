"""What may be shown of one submission, for the page, the API and the event stream alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import queue
from grader.db import Attempt, Submission, grades, queries, rules
from grader.db.marking import Grade, Review
from grader.db.rules import ReviewMark
from grader.db.school import Assignment, Extension, PublishedSuite
from grader.db.tables import FINAL
from grader.queue import Wait
from grader.rubric.report import Report, student_view
from grader.web.services import Services


@dataclass(frozen=True)
class Coursework:
    """What an assignment makes of a submission, for one person."""

    assignment: Assignment
    suite: PublishedSuite | None
    """The one that judged, or will."""
    due_at: datetime | None
    """Theirs, with the extension."""
    late_days: int
    """Days that cost something."""
    grade: Grade | None
    """What they have in the assignment, which may come from another submission."""
    reviews: Mapping[str, Review]
    """People's marks by criterion."""

    def after_due(self, at: datetime) -> bool:
        return self.due_at is not None and at > self.due_at


@dataclass(frozen=True)
class Status:
    """A submission with its newest attempt that counts. `report` is the student's view of it, with people's marks."""

    submission: Submission
    attempt: Attempt
    place: int | None
    progress: Mapping[str, Any] | None
    report: dict[str, Any] | None
    seconds: int | None = None
    """How long it waits, about."""
    coursework: Coursework | None = field(default=None)
    """None for a submission from before there were assignments."""

    @property
    def state(self) -> str:
        return self.attempt.state

    @property
    def final(self) -> bool:
        return self.attempt.state in FINAL

    @property
    def artifacts(self) -> Mapping[str, str]:
        """Digests of what the attempt left beside its report, by name."""
        return self.attempt.artifacts or {}

    @property
    def retrying(self) -> bool:
        """Whether an earlier try broke on our side and another one is due."""
        return not self.final and self.attempt.tries > 0 and self.attempt.state != "running"

    @property
    def cancellable(self) -> bool:
        """Whether it still waits."""
        return self.attempt.state in ("received", "queued")

    @property
    def counts(self) -> bool:
        """Whether the grade comes from this submission."""
        grade = self.coursework.grade if self.coursework else None
        return grade is not None and grade.submission_id == self.submission.id


def status_of(services: Services, public_id: str, person_id: str | None = None) -> Status | None:
    """How a submission stands; None when there is none.

    Args:
        person_id: whose due date and grade are meant, where a group handed in; its uploader's without it.
    """
    with services.database.read() as session:
        submission = queries.submission(session, public_id)
        attempt = queries.last_attempt(session, public_id) if submission is not None else None
        if submission is None or attempt is None:
            return None
        coursework = _coursework(session, submission, attempt, person_id or submission.person_id)
    waits = wait_of(services, attempt) if attempt.state == "queued" else None
    return Status(
        submission=submission,
        attempt=attempt,
        place=waits.place if waits else None,
        progress=_progress(services, attempt) if attempt.state == "running" else None,
        report=_student_report(attempt, coursework),
        seconds=waits.seconds if waits else None,
        coursework=coursework,
    )


def wait_of(services: Services, attempt: Attempt) -> Wait | None:
    """Place in the queue and about how long it waits; None when it does not wait or nobody can tell."""
    if attempt.job_id is None:
        return None
    try:
        return queue.wait(services.redis, attempt.queue, attempt.job_id)
    except RedisError:
        return None


def place_of(services: Services, attempt: Attempt) -> int | None:
    """Place in the queue, from 1; None when it does not wait or nobody can tell."""
    waits = wait_of(services, attempt)
    return waits.place if waits else None


def _coursework(session: Session, submission: Submission, attempt: Attempt, person_id: str | None) -> Coursework | None:
    if submission.assignment_id is None or person_id is None:
        return None
    assignment = session.get_one(Assignment, submission.assignment_id)
    due_at = rules.effective_due(assignment, session.get(Extension, (assignment.id, person_id)))
    current = select(Review).where(Review.submission_id == submission.id, Review.replaced_at.is_(None))
    return Coursework(
        assignment=assignment,
        suite=session.get(PublishedSuite, attempt.suite_id) if attempt.suite_id else None,
        due_at=due_at,
        late_days=rules.late_days(submission.received_at, due_at, assignment.grace_days),
        grade=grades.find(session, assignment.id, person_id),
        reviews={review.criterion: review for review in session.scalars(current)},
    )


def _progress(services: Services, attempt: Attempt) -> Mapping[str, Any] | None:
    try:
        return queue.latest(services.redis, attempt.id)
    except RedisError:
        return None


def _student_report(attempt: Attempt, coursework: Coursework | None) -> dict[str, Any] | None:
    if attempt.report is None:
        return None
    if coursework is None or coursework.suite is None:
        return student_view(Report.model_validate(attempt.report))
    marks = {name: ReviewMark(row.level, row.points, row.comment) for name, row in coursework.reviews.items()}
    whole = rules.with_reviews(coursework.suite, attempt.report, marks)
    return student_view(Report.model_validate(whole), after_due=coursework.after_due(queries.now()))
