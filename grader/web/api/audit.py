"""The log of who changed what, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort
from pydantic import Field

from grader.db import audit, log, people
from grader.db.marking import Audit
from grader.web import identity
from grader.web.api import paging
from grader.web.api.operation import operation
from grader.web.api.values import Model, Page, Paging
from grader.web.services import services


class AuditEntry(Model):
    """Who changed what. Entries are only ever added."""

    id: int
    at: datetime
    person_id: str | None
    """Null when the system did it."""
    action: str
    about: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str


class AuditQuery(Paging):
    """Which entries to list."""

    action: str = Field(default="", max_length=60, pattern=r"^[a-z._-]*$")
    """Such as `role.changed`; with a dot at its end, all that begin so."""
    person_id: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")
    """What this person did, or what was done to their account."""


@operation(
    "GET", "/assignments/<assignment_id>/grades/<person_id>/audit", tag="Marking", scope="teach", query=Paging,
    answer=Page[AuditEntry],
)  # fmt: skip
def list_grade_audit(assignment_id: str, person_id: str, query: Paging) -> Page[AuditEntry]:
    """How a grade came to be what it is, newest first"""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        if people.by_id(session, person_id) is None:
            abort(404, "There is no grade at this address.")
    return _history(f"grade:{access.assignment.id}:{person_id}", query)


@operation(
    "GET", "/assignments/<assignment_id>/audit", tag="Marking", scope="teach", query=Paging, answer=Page[AuditEntry]
)
def list_assignment_audit(assignment_id: str, query: Paging) -> Page[AuditEntry]:
    """Who changed an assignment, newest first"""
    access = identity.assignment_access(assignment_id, teach=True)
    return _history(f"assignment:{access.assignment.id}", query)


@operation(
    "GET", "/submissions/<submission_id>/audit", tag="Marking", scope="teach", query=Paging, answer=Page[AuditEntry]
)
def list_submission_audit(submission_id: str, query: Paging) -> Page[AuditEntry]:
    """Who marked or cancelled a submission, newest first"""
    access = identity.submission_access(submission_id, teach=True)
    return _history(f"submission:{access.submission.id}", query)


@operation("GET", "/audit", tag="People", scope="admin", query=AuditQuery, answer=Page[AuditEntry])
def list_audit(query: AuditQuery) -> Page[AuditEntry]:
    """The whole log, newest first"""
    identity.require_role("admin")
    after = paging.decode(query, int)
    before = after[0] if after else None
    with services().database.read() as session:
        found = log.entries(session, query.limit + 1, before=before, action=query.action, person_id=query.person_id)
    return paging.page(AuditEntry, [one.row for one in found], query, lambda row: (row.seq,), _entry)


def _history(about: str, query: Paging) -> Page[AuditEntry]:
    after = paging.decode(query, int)
    with services().database.read() as session:
        rows = audit.history(session, about, query.limit + 1, after[0] if after else None)
    return paging.page(AuditEntry, rows, query, lambda row: (row.seq,), _entry)


def _entry(row: Audit) -> AuditEntry:
    names = ("at", "person_id", "action", "about", "before", "after", "why")
    return AuditEntry(id=row.seq, **{name: getattr(row, name) for name in names})
