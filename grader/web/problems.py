"""Errors in words: a page for people, `application/problem+json` (RFC 9457) for programs."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from grader.errors import BadInput, SubmissionRejected
from grader.web.services import services

log = logging.getLogger(__name__)

_ADVICE = {
    401: "Sign in, or send a token.",
    403: "",
    404: "Check the address, or find the page from your courses.",
    405: "Go back to the start page.",
    413: "Leave data sets, models, .venv and caches out of the archive.",
    415: "Send a form with a file (multipart/form-data), or JSON to the API.",
    422: "Change it and try again.",
    429: "Wait a moment and try again; nothing is lost.",
    500: "It is our fault and has been noted. Try again in a few minutes.",
    503: "Try again in a few minutes.",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(BadInput, show_bad_input)
    app.register_error_handler(Exception, show_bug)


def show_http(error: HTTPException) -> Response:
    code = error.code or 500
    detail = _too_large() if isinstance(error, RequestEntityTooLarge) else error.description or ""
    response = answer(code, error.name, detail, _ADVICE.get(code, ""))
    if (wait := getattr(error, "retry_after", None)) is not None:
        response.headers["Retry-After"] = str(wait)
    if (challenges := getattr(error, "www_authenticate", None)) is not None:
        response.headers["WWW-Authenticate"] = ", ".join(challenge.to_header() for challenge in challenges)
    if code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def show_bad_input(error: BadInput) -> Response:
    title = "This cannot be graded" if isinstance(error, SubmissionRejected) else "This cannot be done"
    return answer(422, title, error.message, error.fix, where=error.where)


def show_bug(error: Exception) -> Response:
    log.exception("%s %s", request.method, request.path, exc_info=error)  # noqa: LOG004 - Flask calls this while it handles the error
    return answer(500, InternalServerError().name, "Something broke on our side.", _ADVICE[500])


def answer(code: int, title: str, detail: str, fix: str, *, where: str = "") -> Response:
    """The error as a problem document below /api/, as a page elsewhere."""
    if request.path.startswith("/api/") or request.path == "/healthz":
        problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": code, "detail": detail}
        problem |= {key: value for key, value in {"fix": fix, "where": where}.items() if value}
        return Response(json.dumps(problem), code, content_type="application/problem+json")
    page = render_template("error.html", code=code, title=title, detail=detail, fix=fix, where=where)
    return Response(page, code, content_type="text/html; charset=utf-8")


def _too_large() -> str:
    limit = services().settings.max_upload / (1024 * 1024)
    return f"The upload is larger than the {limit:.4g} MiB this site takes."
