"""A badge's own page and files, at its public address and through the links that its learner has made."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from grader.db import badges, reruns, skillbook
from grader.db.badges import Held
from grader.db.credentials import Credential
from grader.db.school import PublishedSuite
from grader.errors import BadInput
from grader.records.drawing import Face, draw, render
from grader.web import limits, looks, passwords
from grader.web.links import absolute, qr_code
from grader.web.looks import Look
from grader.web.portrait import Portrait, portrait
from grader.web.services import services

badge = Blueprint("badge", __name__)

TYPES = {"json": "application/json", "jwt": "text/plain", "png": "image/png", "svg": "image/svg+xml"}
LINKEDIN = "https://www.linkedin.com/profile/add"


@badge.get("/badges/<badge_id>")
def show(badge_id: str) -> Response:
    """The badge, as much of it as its learner shows to everybody; all of it to themselves."""
    look = looks.of_badge(badge_id)
    return _page(look, url_for("badge.show", badge_id=badge_id))


@badge.get("/badges/<badge_id>.<any(json, jwt, png, svg):form>")
def file(badge_id: str, form: str) -> Response:
    """The signed badge in one of its forms. The drawing alone where the marks are not shown."""
    return _file(looks.of_badge(badge_id), form)


@badge.get("/badges/<badge_id>/record.json")
def record(badge_id: str) -> Response:
    """The grading record that the badge binds by its digest."""
    return _record(looks.of_badge(badge_id))


@badge.get("/s/<secret>")
def shared(secret: str) -> Response:
    """What a link shows: one badge, or all of a learner's."""
    share = looks.of_share(secret)
    if not looks.is_open(share):
        return _locked(secret)
    looks.note(share, "page")
    with services().database.read() as session:
        found = looks.shown_by(session, share)
    if share.badge_id is not None:
        return _page(_only(found), url_for("badge.shared", secret=secret), secret)
    return _hidden(Response(render_template("record/shared.html", looks=found, share=share, secret=secret)))


@badge.post("/s/<secret>")
def unlock(secret: str) -> BaseResponse:
    """Give the link's password: 303 to what it shows."""
    share = looks.of_share(secret)
    limits.count("share-password", f"{share.id} {limits.address()}", 10, 600)
    limits.count("share-password", share.id, 100, 3600)
    given = request.form.get("password", "")
    if share.password is not None and not passwords.matches(share.password, given):
        looks.note(share, "refused")
        return _locked(secret, "This is not the password of the link.")
    name, value = looks.unlock(share)
    answer = redirect(url_for("badge.shared", secret=secret), 303)
    path = url_for("badge.shared", secret=secret)
    answer.set_cookie(
        name, value, max_age=looks.UNLOCKED_SECONDS, path=path, secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return answer


@badge.get("/s/<secret>/<badge_id>")
def shared_badge(secret: str, badge_id: str) -> Response:
    """One of the badges that a link shows."""
    look = _through(secret, badge_id, "page")
    return _page(look, url_for("badge.shared_badge", secret=secret, badge_id=badge_id), secret)


@badge.get("/s/<secret>/<badge_id>.<any(json, jwt, png, svg):form>")
def shared_file(secret: str, badge_id: str, form: str) -> Response:
    """A badge's file, through a link."""
    return _file(_through(secret, badge_id, form if request.args.get("download") else ""), form)


@badge.get("/s/<secret>/<badge_id>/record.json")
def shared_record(secret: str, badge_id: str) -> Response:
    """A badge's grading record, through a link."""
    return _record(_through(secret, badge_id, "record"))


def through(secret: str, badge_id: str) -> Look:
    """A badge that a link shows to whoever has opened it; else 404."""
    return _through(secret, badge_id, "")


def newest_version(session: Session, credential: Credential) -> int:
    """The newest version of the rubric that the badge's course has."""
    suite = session.get_one(PublishedSuite, credential.suite_id)
    return skillbook.newest(session, [suite]).get(credential.rubric, credential.version)


def linked_in(held: Held, name: str) -> str:
    """The address that adds a badge to a LinkedIn profile; its months are counted from 1."""
    credential = held.credential
    if credential is None or credential.valid_until is None:
        return ""
    issued = held.badge.awarded_at or credential.issued_at or credential.created_at
    return f"{LINKEDIN}?" + urlencode({
        "startTask": "CERTIFICATION_NAME", "name": name, "organizationName": services().settings.issuer_name,
        "issueYear": issued.year, "issueMonth": issued.month, "expirationYear": credential.valid_until.year,
        "expirationMonth": credential.valid_until.month,
        "certUrl": absolute("badge.show", badge_id=held.badge.id), "certId": held.badge.id,
    })  # fmt: skip


def _through(secret: str, badge_id: str, what: str) -> Look:
    share = looks.of_share(secret)
    if not looks.is_open(share):
        abort(redirect(url_for("badge.shared", secret=secret), 303))
    with services().database.read() as session:
        found = [look for look in looks.shown_by(session, share) if look.id == badge_id]
    look = _only(found)
    if what:
        looks.note(share, what)
    return look


def _only(found: list[Look]) -> Look:
    if len(found) != 1:
        abort(404, "This badge is not shown any more.")
    return found[0]


def _page(look: Look, here: str, secret: str = "") -> Response:
    held = look.held
    if held.credential is None:
        return _hidden(Response(render_template("record/coming.html", look=look)))
    with services().database.read() as session:
        row = looks.texts(session, held.credential.seq)
        version = newest_version(session, row)
        again = reruns.latest(session, look.id) if look.shows("evidence") else None
    credential = json.loads(row.json or "{}")
    page = render_template(
        "record/badge.html",
        look=look,
        held=held,
        face=portrait(credential),
        row=row,
        record=json.loads(row.record or "{}"),
        told=badges.told_why(row),
        newest=version,
        again=again,
        here=here,
        secret=secret,
        qr=qr_code(absolute("badge.show", badge_id=look.id) if not secret else absolute("badge.shared", secret=secret)),
        every=reruns.EVERY,
        files=_addresses(look, secret),
    )
    return _hidden(Response(page), indexed=not secret and not look.own and held.badge.indexed)


def _addresses(look: Look, secret: str) -> dict[str, str]:
    """Addresses of a badge's files and forms, by what they are."""
    base: dict[str, Any] = {"badge_id": look.id} | ({"secret": secret} if secret else {})
    kind = "shared_" if secret else ""
    made = {form: url_for(f"badge.{kind}file", form=form, **base) for form in TYPES}
    made["record"] = url_for(f"badge.{kind}record", **base)
    made["rerun"] = url_for(f"rerun.{kind}ask", **base)
    return made


def _hidden(response: Response, *, indexed: bool = False) -> Response:
    """No search engine lists it, unless its learner wants that."""
    response.content_type = "text/html; charset=utf-8"
    if not indexed:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _locked(secret: str, wrong: str = "") -> Response:
    page = render_template("record/locked.html", secret=secret, problem=BadInput(wrong) if wrong else None)
    response = _hidden(Response(page))
    response.status_code = 403 if wrong else 200
    return response


def _file(look: Look, form: str) -> Response:
    row = look.held.credential
    if row is None or row.images is None:
        abort(404, "The badge is being issued.")
    with services().database.read() as session:
        row = looks.texts(session, row.seq)
    face = portrait(json.loads(row.json or "{}"))
    if not look.shows("criteria"):
        if form not in ("png", "svg"):
            abort(404, "Only the picture of this badge is shown.")
        content = _drawn(face, row.rubric, form)
    elif form in ("png", "svg"):
        content = services().blobs.get((row.images or {})[form])
    else:
        content = ((row.json if form == "json" else row.jwt) or "").encode()
    response = send_file(
        io.BytesIO(content),
        TYPES[form],
        as_attachment=bool(request.args.get("download")),
        download_name=f"badge-{row.rubric}.{form}",
    )
    # An SVG opened by itself is a page of this site: nothing in it may run.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Robots-Tag"] = "noindex"
    if look.held.badge.public is not None and look.share is None and not look.own:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _drawn(face: Portrait, rubric: str, form: str) -> bytes:
    percent = float(face.percent.value) if face.percent else 0.0
    drawn = Face(face.title, percent, face.issuer_name, face.awarded.year if face.awarded else 0, rubric)
    return draw(drawn).encode() if form == "svg" else render(drawn)


def _record(look: Look) -> Response:
    if not look.shows("evidence") or look.held.credential is None:
        abort(404, "The grading record of this badge is not shown.")
    with services().database.read() as session:
        row = looks.texts(session, look.held.credential.seq)
    response = Response(row.record or "", content_type="application/json")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
