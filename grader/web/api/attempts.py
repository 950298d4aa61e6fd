"""Every grading of a submission, with whole reports, for who teaches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort
from pydantic import Field

from grader.db import dossier
from grader.db.tables import State
from grader.web import identity
from grader.web.api.operation import operation
from grader.web.api.values import Model, Query
from grader.web.services import services


class Attempt(Model):
    """One grading of a submission."""

    id: str
    number: int
    suite_id: str | None
    """The version that judged."""
    regrade_id: str | None
    counts: bool
    """False for the dry run of a regrade that is not applied."""
    state: State
    tries: int
    """How often a worker began it."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    reason: str | None
    """Why it was rejected, or what broke."""


class Attempts(Model):
    """The newest fifty, newest first."""

    items: list[Attempt]


class AttemptReport(Model):
    """An attempt with all that the examiner saw, hidden tests too."""

    attempt: Attempt
    report: dict[str, Any] | None


class ReportQuery(Query):
    """Which attempt."""

    attempt: str = Field(default="", pattern=r"^([0-9a-f]{32}-[0-9]{1,6})?$")
    """Its id; without it the newest one that counts."""


@operation("GET", "/submissions/<submission_id>/attempts", tag="Submissions", scope="teach", answer=Attempts)
def list_attempts(submission_id: str) -> Attempts:
    """How often and with what a submission was graded"""
    access = identity.submission_access(submission_id, teach=True)
    with services().database.read() as session:
        found = dossier.of(session, access.submission)
    return Attempts(items=[Attempt.model_validate(row) for row in found.attempts])


@operation(
    "GET",
    "/submissions/<submission_id>/report",
    tag="Submissions",
    scope="teach",
    query=ReportQuery,
    answer=AttemptReport,
)
def show_report(submission_id: str, query: ReportQuery) -> AttemptReport:
    """The whole report of one grading

    What the student may see of it is in the submission.
    """
    access = identity.submission_access(submission_id, teach=True)
    with services().database.read() as session:
        shown = dossier.of(session, access.submission, query.attempt or None).shown
    if shown is None:
        abort(404, "The submission has no such attempt.")
    return AttemptReport(attempt=Attempt.model_validate(shown), report=shown.report)
