"""Regrades: try another version of a suite on what was handed in, see what it would change, apply or drop it."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from flask import abort
from pydantic import Field
from redis.exceptions import RedisError

from grader import queue
from grader.db import forecast, regrades, suites
from grader.db.marking import Regrade as Row
from grader.db.marking import RegradeState
from grader.web import identity
from grader.web.accept import SETUP_SECONDS
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.reach import or_nothing, suite_of
from grader.web.api.values import Id, Model, Page, Paging, Reason
from grader.web.services import services

log = logging.getLogger(__name__)


class RegradeProgress(Model):
    """How many submissions are graded anew, and how that ended so far."""

    total: int
    graded: int
    rejected: int
    failed: int


class Regrade(Model):
    """A suite version tried on an assignment. Nothing of it is seen by students until it is applied."""

    id: str
    assignment_id: str
    suite_id: str
    state: RegradeState
    why: str
    created_at: datetime
    decided_at: datetime | None


class RegradeStatus(Model):
    """A regrade, how far it is, and what applying it would do."""

    id: str
    assignment_id: str
    suite_id: str
    state: RegradeState
    why: str
    created_at: datetime
    decided_at: datetime | None
    progress: RegradeProgress


class Regrades(Model):
    """The newest regrades of an assignment, twenty at most."""

    items: list[Regrade]


class NewRegrade(Model):
    """What to grade anew, and why."""

    suite_id: Id
    """A version that is published in the course."""
    why: Reason
    """For the students whose grade it changes."""
    submissions: list[Id] | None = Field(default=None, min_length=1, max_length=1000)
    """Ids; without them, every submission that counts."""


class CriterionMove(Model):
    """Points of one criterion now and then; null where that version has no such criterion."""

    criterion: str
    before: float | None
    after: float | None
    delta: float


class GradeChange(Model):
    """What a regrade would do to one student's grade."""

    person_id: str
    name: str
    submission_id: str
    """What would count then."""
    before: float | None
    """Final points now."""
    after: float
    delta: float
    passed_before: bool
    passed_after: bool
    criteria: list[CriterionMove]


class RegradeResult(Model):
    """What applying did."""

    people: int
    """Whose grades were settled anew."""


@operation("GET", "/assignments/<assignment_id>/regrades", tag="Marking", scope="teach", answer=Regrades)
def list_regrades(assignment_id: str) -> Regrades:
    """The newest regrades of an assignment"""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        rows = regrades.recent(session, access.assignment.id)
    return Regrades(items=[Regrade.model_validate(row) for row, _ in rows])


@operation(
    "POST",
    "/assignments/<assignment_id>/regrades",
    tag="Marking",
    scope="teach",
    body=NewRegrade,
    answer=RegradeStatus,
    status=202,
)
def start_regrade(assignment_id: str, body: NewRegrade) -> RegradeStatus:
    """Try a suite version, as a dry run

    Asking again for the same finds the regrade that is undecided. An assignment has one of these at most.
    """
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        suite = suite_of(session, access.course.id, body.suite_id)
    limit = suites.open_suite(services().settings, services().blobs, suite).rubric.limits.time + SETUP_SECONDS
    asked = regrades.Asked(suite, body.why, access.person.id, limit, body.submissions)
    with services().database.write() as session:
        row, _ = regrades.start(session, access.assignment, asked)
    _tell_queue(row.id)
    header("Location", address("show_regrade", regrade_id=row.id))
    return _status(row)


@operation("GET", "/regrades/<regrade_id>", tag="Marking", scope="teach", answer=RegradeStatus)
def show_regrade(regrade_id: str) -> RegradeStatus:
    """A regrade and how far it is"""
    return _status(_find(regrade_id))


@operation(
    "GET", "/regrades/<regrade_id>/changes", tag="Marking", scope="teach", query=Paging, answer=Page[GradeChange]
)
def list_changes(regrade_id: str, query: Paging) -> Page[GradeChange]:
    """What applying it would do to each grade, the largest loss first"""
    row = _find(regrade_id)
    after = paging.decode(query, str)
    with services().database.read() as session:
        found = services().forecasts.changes(session, row)
    start = next((place + 1 for place, one in enumerate(found) if after and one.person.id == after[0]), 0)
    return paging.page(GradeChange, found[start:], query, lambda one: (one.person.id,), _change)


@operation("POST", "/regrades/<regrade_id>/apply", tag="Marking", scope="teach", answer=RegradeResult)
def apply_regrade(regrade_id: str) -> RegradeResult:
    """Make it count: grades are settled anew, and new submissions are graded with its suite"""
    row = _find(regrade_id)
    with services().database.write() as session:
        settled = regrades.apply(session, row.id, by=identity.required().id)
    return RegradeResult(people=settled)


@operation("POST", "/regrades/<regrade_id>/drop", tag="Marking", scope="teach", status=204)
def drop_regrade(regrade_id: str) -> None:
    """Forget it: nothing changes"""
    row = _find(regrade_id)
    with services().database.write() as session:
        regrades.drop(session, row.id, by=identity.required().id)


def _find(regrade_id: str) -> Row:
    with services().database.read() as session:
        row = regrades.find(session, regrade_id)
    if row is None or not or_nothing(lambda: identity.assignment_access(row.assignment_id, teach=True)):
        abort(404, "There is no regrade at this address.")
    return row


def _status(row: Row) -> RegradeStatus:
    with services().database.read() as session:
        progress = RegradeProgress.model_validate(regrades.progress(session, row.id))
    return RegradeStatus(**Regrade.model_validate(row).model_dump(), progress=progress)


def _change(change: forecast.Change) -> GradeChange:
    before = change.before
    return GradeChange(
        person_id=change.person.id,
        name=change.person.name,
        submission_id=change.submission_id,
        before=before.final_points if before else None,
        after=change.after["final_points"],
        delta=change.delta,
        passed_before=bool(before and before.passed),
        passed_after=change.after["passed"],
        criteria=[CriterionMove.model_validate(moved) for moved in change.criteria],
    )


def _tell_queue(regrade_id: str) -> None:
    try:
        regrades.tell_queue(services().database, regrade_id, partial(queue.enqueue, services().redis))
    except RedisError as error:
        log.warning("regrade %s waits for the queue: %s", regrade_id, error)
