"""The page of an assignment: its brief and rules, handing in, and what was handed in before."""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from grader.db import audit, coursework, groups, queries, submitting, suites
from grader.db.school import PublishedSuite
from grader.errors import BadInput, StoreError
from grader.rubric import Suite
from grader.web import identity, policy
from grader.web.accept import FORMS, Request, Upload, accept
from grader.web.desk.forms import fields
from grader.web.guard import limit_rate
from grader.web.identity import AssignmentAccess
from grader.web.services import services

pages = Blueprint("assignments", __name__)

PAGE = 8
_ID = re.compile("[0-9a-f]{32}")
CHANGES = 20


@pages.get("/assignments/<assignment_id>")
def show(assignment_id: str) -> str:
    """What is asked and how it is marked, the form, and the newest submissions; `?before=` shows older ones."""
    return _page(identity.assignment_access(assignment_id))


@pages.get("/assignments/<assignment_id>/starter.zip")
def starter(assignment_id: str) -> Response:
    """The suite's starter/ folder as a zip that unpacks to plain files; 404 when it has none."""
    access = identity.assignment_access(assignment_id)
    with services().database.read() as session:
        suite = session.get_one(PublishedSuite, access.assignment.suite_id)
    files = suites.starter(services().settings, services().blobs, suite)
    if not files:
        abort(404, "This assignment has no starter files.")
    name = f"{suite.rubric}-starter.zip"
    return send_file(io.BytesIO(_zip(files)), "application/zip", as_attachment=True, download_name=name)


@pages.post("/assignments/<assignment_id>/submissions")
def submit(assignment_id: str) -> BaseResponse:
    """Hand in from the form: 303 to the result page, or the form again with what is wrong."""
    access = identity.assignment_access(assignment_id)
    if request.mimetype not in FORMS:
        abort(415, "The form was not sent as multipart/form-data.")
    limit_rate(current_app)
    try:
        row = accept(services(), _asked(access))
    except BadInput as problem:
        return Response(_page(access, problem), 422)
    return redirect(url_for("pages.result", public_id=row.id), 303)


@pages.get("/assignments/<assignment_id>/group")
def group(assignment_id: str) -> str:
    """The student's group: its members and code, or how to make or join one."""
    return _group_page(_with_groups(assignment_id))


@pages.post("/assignments/<assignment_id>/group")
def change_group(assignment_id: str) -> BaseResponse:
    """Make a group, join one or leave it, by the form's `do`: 303 to the page, or the page with what is wrong."""
    access = _with_groups(assignment_id)
    assignment, person = access.assignment, access.person
    try:
        form = fields("do", "name", "code")
        with services().database.write() as session:
            if form["do"] == "create":
                groups.create(session, assignment, person.id, form["name"][:200])
            elif form["do"] == "join":
                groups.join(session, assignment, person.id, form["code"][:100])
            elif form["do"] == "leave":
                groups.leave(session, assignment, person.id)
            else:
                raise BadInput("The form says neither create, join nor leave.", where="do", fix="Load the page again.")
    except BadInput as problem:
        return Response(_group_page(access, problem), 422)
    return redirect(url_for("assignments.group", assignment_id=assignment_id), 303)


def _asked(access: AssignmentAccess) -> Request:
    """What the form asks for. Raises BadInput for a field that it does not have."""
    form = fields("token", "git_url")
    file = request.files.get("file")
    return Request(
        assignment_id=access.assignment.id,
        person_id=access.person.id,
        upload=Upload(file.stream, file.filename) if file is not None and file.filename else None,
        git_url=form["git_url"],
        queue="high",
        key=f"form {form['token'][:100]}" if form["token"] else None,
    )


def _page(access: AssignmentAccess, problem: BadInput | None = None) -> str:
    before = request.args.get("before") if _ID.fullmatch(request.args.get("before", "")) else None
    now = queries.now()
    with services().database.read() as session:
        values = _of_student(session, access, now, before)
        suite_row = session.get_one(PublishedSuite, access.assignment.suite_id)
    suite = _suite(suite_row)
    return render_template(
        "student/assignment.html",
        access=access,
        assignment=access.assignment,
        course=access.course,
        suite=suite,
        starter=suite is not None and (suite.folder / "starter").is_dir(),
        largest=_largest(suite),
        before=before,
        problem=problem,
        now=now,
        form=request.form,
        token=secrets.token_urlsafe(16),
        policy=policy,
        **values,
    )


def _of_student(session: Session, access: AssignmentAccess, now: datetime, before: str | None) -> dict[str, Any]:
    assignment, person = access.assignment, access.person
    rows = coursework.history(session, assignment.id, person.id, PAGE + 1, before)
    history = audit.history(session, f"grade:{assignment.id}:{person.id}", CHANGES)
    return {
        "entry": coursework.entry(session, assignment.id, person.id),
        "standing": submitting.standing(session, assignment, person.id, now),
        "rows": rows[:PAGE],
        "older": rows[PAGE - 1].id if len(rows) > PAGE else None,
        "changes": policy.changes_without_submission(history),
    }


def _group_page(access: AssignmentAccess, problem: BadInput | None = None) -> str:
    with services().database.read() as session:
        mine = groups.group_of(session, access.assignment.id, access.person.id)
        members = groups.members(session, mine.id) if mine is not None else []
    return render_template(
        "student/group.html",
        access=access,
        assignment=access.assignment,
        course=access.course,
        group=mine,
        members=members,
        problem=problem,
        form=request.form,
    )


def _with_groups(assignment_id: str) -> AssignmentAccess:
    access = identity.assignment_access(assignment_id)
    if access.assignment.group_size < 2:
        abort(404, "This assignment is done alone.")
    return access


def _suite(row: PublishedSuite) -> Suite | None:
    """The suite's files; None when they cannot be had, which the page says instead of failing."""
    try:
        return suites.open_suite(services().settings, services().blobs, row)
    except StoreError as error:
        current_app.logger.error("the suite of %s cannot be opened: %s", row.id, error)
        return None


def _largest(suite: Suite | None) -> int:
    """Bytes that one upload may have: what the rubric takes, and the site."""
    most = services().settings.max_upload
    return min(most, suite.rubric.submission.max_size) if suite is not None else most


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Always the same bytes for the same files; readable by everybody, run by nobody."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()
