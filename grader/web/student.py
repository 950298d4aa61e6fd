"""The pages: hand in, and the result."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from grader.db import queries
from grader.errors import BadInput
from grader.web.accept import FORMS, Request, Upload, accept
from grader.web.guard import limit_rate
from grader.web.services import services
from grader.web.status import Status, status_of

pages = Blueprint("pages", __name__)

PAGE = 15


@pages.get("/")
def home() -> str:
    """The form and the newest submissions; `?before=` shows older ones."""
    return _home()


@pages.post("/submissions")
def submit() -> BaseResponse:
    """Hand in from the form: 303 to the result page, or the form again with what is wrong."""
    if request.mimetype not in FORMS:
        abort(415, "The form was not sent as multipart/form-data.")
    limit_rate(current_app)
    file = request.files.get("file")
    upload = Upload(file.stream, file.filename) if file is not None and file.filename else None
    token = request.form.get("token", "")[:100]
    try:
        row = accept(
            services(),
            Request(
                rubric=request.form.get("rubric", ""),
                upload=upload,
                git_url=request.form.get("git_url", "").strip(),
                queue="high",
                key=f"form {token}" if token else None,
            ),
        )
    except BadInput as problem:
        return Response(_home(problem), 422)
    return redirect(url_for("pages.result", public_id=row.id), 303)


@pages.get("/submissions/<public_id>")
def result(public_id: str) -> str:
    """The result, or how far it is."""
    status = find(public_id)
    return render_template("submission.html", status=status, suite=services().catalog.get(status.submission.rubric))


def find(public_id: str) -> Status:
    """The state of a submission; 404 when there is none."""
    status = status_of(services(), public_id)
    if status is None:
        abort(404, "There is no submission at this address.")
    return status


def _home(problem: BadInput | None = None) -> str:
    before = request.args.get("before", "")[:64] or None
    with services().database.read() as session:
        rows = queries.recent(session, PAGE + 1, before)
    suites = services().catalog.all()
    return render_template(
        "home.html",
        suites=suites,
        titles={suite.rubric.id: suite.rubric.title for suite in suites},
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        before=before,
        problem=problem,
        form=request.form,
        token=secrets.token_urlsafe(16),
        max_upload=services().settings.max_upload,
    )
