"""Regrades: tried as a dry run, looked at as a table of who would gain or lose what, applied or dropped."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial

from flask import Response, flash, redirect, request, url_for
from redis.exceptions import RedisError
from werkzeug.wrappers import Response as BaseResponse

from grader import queue
from grader.db import assignments, forecast, regrades, reviews
from grader.db.marking import Regrade
from grader.db.school import PublishedSuite
from grader.errors import BadInput
from grader.rubric.model import Rubric
from grader.web import identity
from grader.web.accept import SETUP_SECONDS
from grader.web.desk import forms
from grader.web.desk.blueprint import desk, files_of, page, regrade_access, suite_row
from grader.web.identity import AssignmentAccess
from grader.web.services import services

log = logging.getLogger(__name__)

PAGE = 50
WHY_LENGTH = 2000


@desk.get("/assignments/<assignment_id>/regrade")
def regrade(assignment_id: str) -> Response:
    """Choose a version and say why; earlier regrades stand below."""
    return _form(identity.assignment_access(assignment_id, teach=True), [])


@desk.post("/assignments/<assignment_id>/regrade")
def start_regrade(assignment_id: str) -> BaseResponse:
    """Begin the dry run. From the table (`action=choose`) it only brings the chosen submissions to the form."""
    access = identity.assignment_access(assignment_id, teach=True)
    sent = forms.fields("suite", "why", "action", many=["submission"])
    ids = forms.chosen("submission")
    if sent["action"] == "choose":
        if not ids:
            raise BadInput("No submission was chosen.", where="submission", fix="Tick some in the table.")
        return _form(access, ids)
    try:
        row = _start(access, sent, ids)
    except BadInput as problem:
        return _form(access, ids, problem)
    return redirect(url_for("desk.show_regrade", regrade_id=row.id), 303)


@desk.get("/regrades/<regrade_id>")
def show_regrade(regrade_id: str) -> Response:
    """How far it is, what it would change, and the two buttons."""
    row, access = regrade_access(regrade_id)
    after = request.args.get("after", "")[:32]
    with services().database.read() as session:
        progress = regrades.progress(session, row.id)
        ungraded = regrades.ungraded(session, row.id)
        changes = services().forecasts.changes(session, row) if row.state in regrades.UNDECIDED else []
        settled = regrades.settled(session, row) if row.state == "applied" else []
    start = next((number + 1 for number, change in enumerate(changes) if change.person.id == after), 0)
    suite = suite_row(row.suite_id)
    return page(
        "desk/regrade.html",
        access=access,
        regrade=row,
        suite=suite,
        progress=progress,
        ungraded=ungraded,
        totals=forecast.totals(changes),
        changes=changes[start : start + PAGE],
        more=changes[start + PAGE - 1].person.id if len(changes) > start + PAGE else None,
        first=start == 0,
        settled=settled,
        titles=_titles(access, suite),
    )


@desk.post("/regrades/<regrade_id>/apply")
def apply_regrade(regrade_id: str) -> BaseResponse:
    """Make it count."""
    row, access = regrade_access(regrade_id)
    forms.fields()
    with services().database.write() as session:
        people = regrades.apply(session, row.id, by=access.person.id)
    flash(f"Applied: the grades of {people} student{'s' if people != 1 else ''} were settled anew.", "good")
    return redirect(url_for("desk.show_regrade", regrade_id=regrade_id), 303)


@desk.post("/regrades/<regrade_id>/drop")
def drop_regrade(regrade_id: str) -> BaseResponse:
    """Forget it."""
    row, access = regrade_access(regrade_id)
    forms.fields()
    with services().database.write() as session:
        regrades.drop(session, row.id, by=access.person.id)
    flash("Dropped: no grade has changed.", "good")
    return redirect(url_for("desk.regrade", assignment_id=access.assignment.id), 303)


def _start(access: AssignmentAccess, sent: Mapping[str, str], ids: list[str]) -> Regrade:
    if not 1 <= len(sent["why"]) <= WHY_LENGTH:
        raise BadInput(
            f"A reason of 1 to {WHY_LENGTH} characters is needed.",
            where="why",
            fix="Say it in words that the students will read beside their grade.",
        )
    with services().database.read() as session:
        suite = session.get(PublishedSuite, sent["suite"])
    if suite is None or suite.course_id != access.course.id:
        raise BadInput("This suite is not of this course.", where="suite", fix="Choose one from the list.")
    limits = files_of(suite).rubric.limits
    asked = regrades.Asked(suite, sent["why"], access.person.id, limits.time + SETUP_SECONDS, ids or None)
    with services().database.write() as session:
        row, _ = regrades.start(session, access.assignment, asked)
    _tell_queue(row.id)
    return row


def _tell_queue(regrade_id: str) -> None:
    """The rows stand whatever happens here: a queue that does not answer is told later by a worker's reconciler."""
    try:
        regrades.tell_queue(services().database, regrade_id, partial(queue.enqueue, services().redis))
    except RedisError as error:
        log.warning("regrade %s waits for the queue: %s", regrade_id, error)


def _form(access: AssignmentAccess, ids: list[str], problem: BadInput | None = None) -> Response:
    assignment = access.assignment
    with services().database.read() as session:
        versions = [row for row in assignments.suites(session, access.course.id) if row.rubric == _rubric_id(access)]
        undecided = regrades.open_regrade(session, assignment.id)
        _, counting = reviews.counts(session, assignment.id)
        recent = regrades.recent(session, assignment.id)
    return page(
        "desk/regrades.html",
        status=422 if problem else 200,
        access=access,
        versions=versions,
        undecided=undecided,
        counting=counting,
        recent=recent,
        ids=ids,
        problem=problem,
        wanted=request.form.get("suite") or request.args.get("suite") or assignment.suite_id,
        why=request.form.get("why", ""),
    )


def _rubric_id(access: AssignmentAccess) -> str:
    return suite_row(access.assignment.suite_id).rubric


def _titles(access: AssignmentAccess, suite: PublishedSuite) -> Mapping[str, str]:
    """Titles of criteria by id, those of the version in use where the new one has none of that id."""
    rubrics: list[Rubric] = [files_of(suite_row(access.assignment.suite_id)).rubric, files_of(suite).rubric]
    return {criterion.id: criterion.title for rubric in rubrics for criterion in rubric.criteria}
