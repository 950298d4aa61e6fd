"""What may be shown of one submission, for the page, the API and the event stream alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from grader import queue
from grader.db import Attempt, Submission, queries
from grader.db.tables import FINAL
from grader.rubric.report import Report, student_view
from grader.web.services import Services


@dataclass(frozen=True)
class Status:
    """A submission with its newest attempt. `report` is the student's view of it."""

    submission: Submission
    attempt: Attempt
    place: int | None
    progress: Mapping[str, Any] | None
    report: dict[str, Any] | None

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


def status_of(services: Services, public_id: str) -> Status | None:
    with services.database.read() as session:
        submission = queries.submission(session, public_id)
        attempt = queries.last_attempt(session, public_id) if submission is not None else None
    if submission is None or attempt is None:
        return None
    waiting = attempt.state == "queued"
    return Status(
        submission=submission,
        attempt=attempt,
        place=place_of(services, attempt) if waiting else None,
        progress=_progress(services, attempt) if attempt.state == "running" else None,
        report=_student_report(attempt),
    )


def place_of(services: Services, attempt: Attempt) -> int | None:
    """Place in the queue, from 1; None when it does not wait or nobody can tell."""
    if attempt.job_id is None:
        return None
    try:
        return queue.place(services.redis, attempt.queue, attempt.job_id)
    except RedisError:
        return None


def _progress(services: Services, attempt: Attempt) -> Mapping[str, Any] | None:
    try:
        return queue.latest(services.redis, attempt.id)
    except RedisError:
        return None


def _student_report(attempt: Attempt) -> dict[str, Any] | None:
    return student_view(Report.model_validate(attempt.report)) if attempt.report is not None else None
