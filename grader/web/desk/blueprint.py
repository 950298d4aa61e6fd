"""The blueprint of all desk pages, how they say that something was wrong, and how they find what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, render_template
from werkzeug.exceptions import NotFound

from grader.db import regrades
from grader.db.marking import Regrade
from grader.db.school import PublishedSuite
from grader.db.suites import open_suite
from grader.errors import BadInput
from grader.rubric.load import Suite
from grader.web import identity
from grader.web.identity import AssignmentAccess, CourseAccess
from grader.web.services import services

desk = Blueprint("desk", __name__, url_prefix="/desk")

T = TypeVar("T")


@desk.errorhandler(BadInput)
def refuse(problem: BadInput) -> Response:
    """What a view did not show beside its form: a page of its own, and nothing was changed."""
    return page("desk/refused.html", status=422, problem=problem)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page."""
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")


def suite_access(suite_id: str) -> tuple[PublishedSuite, CourseAccess]:
    """A published suite, for who teaches its course; else 404, in the same words as for an unknown id."""
    identity.required()
    with services().database.read() as session:
        row = session.get(PublishedSuite, suite_id)
    access = _found(lambda: identity.course_access(row.course_id, teach=True)) if row is not None else None
    if row is None or access is None:
        abort(404, "There is no suite at this address.")
    return row, access


def regrade_access(regrade_id: str) -> tuple[Regrade, AssignmentAccess]:
    """A regrade, for who teaches its course; else 404, in the same words as for an unknown id."""
    identity.required()
    with services().database.read() as session:
        row = regrades.find(session, regrade_id)
    access = _found(lambda: identity.assignment_access(row.assignment_id, teach=True)) if row is not None else None
    if row is None or access is None:
        abort(404, "There is no regrade at this address.")
    return row, access


def suite_row(suite_id: str) -> PublishedSuite:
    """The row of a suite that something refers to."""
    with services().database.read() as session:
        return session.get_one(PublishedSuite, suite_id)


def files_of(row: PublishedSuite) -> Suite:
    """A published suite with its rubric and files. Raises StoreError when they cannot be had."""
    return open_suite(services().settings, services().blobs, row)


def _found(find: Callable[[], T]) -> T | None:
    try:
        return find()
    except NotFound:
        return None
