"""The executed notebook: as a page that is let do nothing, and as a file.

The page is the student's own content. It comes with a policy of its own that gives it an origin nobody shares and
forbids scripts, forms and whatever is not in the page, inside the result page's frame and outside of it.
"""

from __future__ import annotations

import io
from pathlib import PurePosixPath

from flask import Blueprint, Response, abort, send_file

from grader.render import marks_of, with_marks
from grader.web.services import services
from grader.web.status import Status
from grader.web.student import find

notebook = Blueprint("notebook", __name__)

POLICY = "; ".join([  # noqa: FLY002 - one directive is one string
    "sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "frame-ancestors 'self'",
    "base-uri 'none'", "form-action 'none'",
])  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "SAMEORIGIN",
    # By the HTML standard, a sandboxed page that also asks for a browsing context group of its own is not opened.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Referrer-Policy": "no-referrer",
}


@notebook.get("/submissions/<public_id>/notebook")
def show(public_id: str) -> Response:
    """The page, with the marks that its student may see; 404 when there is none."""
    status = find(public_id)
    page = _artifact(status, "notebook.html")
    marks = marks_of(status.report) if status.report is not None else []
    response = Response(with_marks(page, marks), content_type="text/html; charset=utf-8")
    response.headers.update(HEADERS)
    return response


@notebook.get("/submissions/<public_id>/notebook.ipynb")
def download(public_id: str) -> Response:
    """The file, to be kept; 404 when there is none."""
    status = find(public_id)
    content = _artifact(status, "notebook.ipynb")
    result = (status.report or {}).get("notebook") or {}
    name = PurePosixPath(result.get("path") or "notebook.ipynb").name
    return send_file(io.BytesIO(content), "application/x-ipynb+json", as_attachment=True, download_name=name)


def _artifact(status: Status, name: str) -> bytes:
    digest = status.artifacts.get(name)
    if digest is None:
        abort(404, "This submission has no notebook to show.")
    return services().blobs.get(digest)
