"""The JSON API, version 1. Errors are `application/problem+json`."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, request, url_for

from grader.errors import BadInput
from grader.web.accept import FORMS, Request, Upload, accept
from grader.web.api.operation import api
from grader.web.guard import limit_rate
from grader.web.services import services
from grader.web.status import Status
from grader.web.student import find

JSON_BYTES = 64 * 1024


@api.post("/api/v1/submissions")
def submit() -> Response:
    """Hand in: a form with `rubric` and `file` or `git_url`, or JSON `{"rubric", "git_url"}`. 202 with a Location."""
    limit_rate(current_app)
    asked = _from_json() if request.is_json else _from_form()
    row = accept(services(), asked)
    response = jsonify(_describe(find(row.id)))
    response.status_code = 202
    response.headers["Location"] = url_for("api.show", public_id=row.id)
    return response


@api.get("/api/v1/submissions/<public_id>")
def show(public_id: str) -> Response:
    """The state, and the report as its student may see it."""
    return jsonify(_describe(find(public_id)))


@api.get("/api/v1/rubrics")
def rubrics() -> Response:
    """What can be handed in for."""
    return jsonify([
        {
            "id": rubric.id,
            "version": rubric.version,
            "title": rubric.title,
            "summary": rubric.summary,
            "max_points": rubric.max_points,
            "pass_mark": rubric.pass_mark,
            "accepts": rubric.submission.accepts,
            "requires": rubric.submission.requires,
            "max_size": rubric.submission.max_size,
        }
        for rubric in (suite.rubric for suite in services().catalog.all())
    ])  # fmt: skip


def _from_json() -> Request:
    request.max_content_length = JSON_BYTES
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400, "The body is not a JSON object.")
    unknown = sorted(map(str, body.keys() - {"rubric", "git_url"}))
    if unknown:
        raise BadInput(f"Unknown keys: {', '.join(unknown)}.", where=unknown[0], fix="Send `rubric` and `git_url`.")
    return _asked(_text(body, "rubric"), None, _text(body, "git_url"))


def _from_form() -> Request:
    if request.mimetype not in FORMS:
        abort(415, "Send multipart/form-data or application/json.")
    file = request.files.get("file")
    upload = Upload(file.stream, file.filename) if file is not None and file.filename else None
    return _asked(request.form.get("rubric", ""), upload, request.form.get("git_url", ""))


def _asked(rubric: str, upload: Upload | None, git_url: str) -> Request:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 255:
        raise BadInput("The Idempotency-Key is longer than 255 characters.", where="Idempotency-Key", fix="Shorten it.")
    return Request(rubric, upload, git_url.strip(), key=f"api {key}" if key else None, key_covers_content=False)


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key, "")
    if not isinstance(value, str):
        raise BadInput(f"`{key}` is not text.", where=key, fix="Send it as a JSON string.")
    return value


def _describe(status: Status) -> dict[str, Any]:
    row, attempt = status.submission, status.attempt
    rejected = status.state == "rejected"
    return {
        "id": row.id,
        "state": status.state,
        "rubric": row.rubric,
        "filename": row.filename,
        "git_url": row.source_url,
        "received_at": row.received_at.isoformat(),
        "finished_at": attempt.finished_at.isoformat() if attempt.finished_at else None,
        "attempt": attempt.number,
        "place": status.place,
        "reason": attempt.reason if rejected else None,
        "where": attempt.place if rejected else None,
        "fix": attempt.fix if rejected else None,
        "report": status.report,
        "links": {
            "self": url_for("api.show", public_id=row.id),
            "page": url_for("pages.result", public_id=row.id),
            "notebook": _link("notebook.show", row.id) if "notebook.html" in status.artifacts else None,
            "executed": _link("notebook.download", row.id) if "notebook.ipynb" in status.artifacts else None,
            "events": url_for("stream.events", public_id=row.id),
        },
    }


def _link(endpoint: str, public_id: str) -> str:
    return url_for(endpoint, public_id=public_id)
