"""What everybody may read without being shown anything: the issuer's document, status lists, achievements.

They are files that the issuing process wrote. Any website's script and any cache may have them.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select

from grader.db import issuance
from grader.db.credentials import Credential
from grader.records.contents import achievement_of
from grader.web.portrait import portrait
from grader.web.services import services

published = Blueprint("published", __name__)

STATUS_SECONDS = 300
"""How long a cache may show a status list: a revocation is seen by everybody after this."""
DOCUMENT_SECONDS = 3600


@published.get("/.well-known/did.json")
def did() -> Response:
    """The issuer's document with its public keys."""
    return _file("did", DOCUMENT_SECONDS)


@published.get("/status/<int:number>")
def status(number: int) -> Response:
    """The list of revoked badges."""
    return _file(f"status/{number}", STATUS_SECONDS)


@published.get("/status/<int:number>/suspension")
def suspension(number: int) -> Response:
    """The list of suspended badges."""
    return _file(f"status/{number}/suspension", STATUS_SECONDS)


@published.get("/achievements/<rubric>/v<int:version>")
def achievement(rubric: str, version: int) -> Response:
    """What badges of a version of a rubric are for; JSON for programs that ask for it. 404 while there is none."""
    with services().database.read() as session:
        query = select(Credential.json).where(
            Credential.rubric == rubric, Credential.version == version, Credential.json.is_not(None)
        )
        text = session.scalar(query.order_by(Credential.seq.desc()).limit(1))
    if text is None:
        abort(404, "No badge has been issued for this.")
    credential = json.loads(text)
    found: dict[str, Any] = dict(achievement_of(credential))
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        document = {"@context": credential["@context"], **found}
        return shared(Response(json.dumps(document, indent=1), content_type="application/json"), DOCUMENT_SECONDS)
    page = render_template("record/achievement.html", face=portrait(credential), achievement=found)
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Vary"] = "Accept, Cookie"
    return response


def shared(response: Response, seconds: int) -> Response:
    """The same for everybody: caches keep it, other websites' scripts may read it."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


def _file(name: str, seconds: int) -> Response:
    with services().database.read() as session:
        found = issuance.publication(session, name)
    if found is None:
        abort(404, "Nothing is published here yet.")
    response = Response(found.text, content_type="application/json")
    response.last_modified = found.published_at
    return shared(response, seconds)
