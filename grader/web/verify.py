"""Verifies a badge for whoever holds one, from wherever it comes, and says what each check found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.exceptions import NotFound

from grader.db import badges, skillbook
from grader.db.credentials import Credential
from grader.db.queries import now
from grader.db.school import PublishedSuite
from grader.errors import BadInput, Refused
from grader.records import Verification, verify
from grader.records.contents import issuer_id
from grader.records.reading import MAX_CREDENTIAL, MAX_FILE
from grader.records.status import read_entry
from grader.records.verdict import ESSENTIAL
from grader.web import badge as pages
from grader.web import limits, looks
from grader.web.looks import Look
from grader.web.lookups import Lookups
from grader.web.portrait import Portrait, is_holder, portrait
from grader.web.services import services

verifying = Blueprint("verifying", __name__)

A_MINUTE = 20
_BADGE = re.compile(r"/badges/([0-9a-f]{32})(?:\.(?:json|jwt|png|svg))?/?")
_SHARE = re.compile(r"/s/([A-Za-z0-9_-]{20,64})(?:/([0-9a-f]{32})(?:\.(?:json|jwt|png|svg))?)?/?")
_ID = re.compile(r"[0-9a-f]{32}")

HEADLINES = {
    "verified": ("good", "This badge holds"),
    "revoked": ("bad", "This badge was revoked"),
    "suspended": ("bad", "This badge is suspended"),
    "expired": ("part", "This badge has expired"),
    "not_yet": ("part", "This badge is not valid yet"),
    "invalid": ("bad", "Do not believe this badge"),
    "unknown": ("part", "This badge could not be verified"),
    "unreadable": ("bad", "There is no badge in this"),
}
MEANINGS = {
    "readable": "A file or text in which a credential was found.",
    "schema": "Software of others can read it, too.",
    "context": "The signature covers every word; nothing in it hides from a reader.",
    "key": "Its issuer says in public that it signs with this key.",
    "signature": "Not a letter is different from what was signed.",
    "issuer": "It comes from whom you expected.",
    "begun": "Its issuer meant it to be valid by now.",
    "period": "Its issuer still stands by it at this date.",
    "status": "Its issuer has not taken it back for good.",
    "suspension": "Its issuer has not taken it back for a while.",
    "subject": "A badge about nobody could be shown by anybody.",
    "achievement": "Anybody can sign a badge for what somebody else has defined; this is the definer's own.",
    "results": "No mark is beyond its scale or below what was required.",
    "evidence": "What the school recorded when it graded is what it signed.",
    "endorsements": "What third parties say of it was not looked at.",
    "members": "A record is as good as every badge in it.",
}


@dataclass(frozen=True)
class Asked:
    """What is to be verified. `look` is set for one of our own that is shown to whoever asks."""

    data: bytes | str
    lookups: Lookups
    look: Look | None = None
    record: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What was found, for the page."""

    found: Verification
    face: Portrait | None
    ours: bool
    holder: bool | None = None
    why: str = ""
    newest: int | None = None
    """A newer version of the rubric than the badge's, if there is one."""
    signed: bool = False
    """Whether the signature holds: else nobody vouches for what it says."""
    marks: bool = True
    """Whether the marks may be shown: not where the badge's learner shows the badge alone."""
    members: list[Portrait | None] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@verifying.get("/verify")
def form() -> Response:
    """The form; with `?badge=` the verification of one of this site's own badges that is shown to whoever asks."""
    limits.count("verify", limits.address(), A_MINUTE, 60)
    if badge_id := request.args.get("badge", ""):
        return _result(_own(looks.of_badge(badge_id), Lookups()), "")
    return _form()


@verifying.post("/verify")
def check() -> Response:
    """Verify what was pasted, uploaded or named; 422 with the form again when there is nothing to verify."""
    limits.count("verify", limits.address(), A_MINUTE, 60)
    request.max_form_memory_size = 2 * MAX_CREDENTIAL
    try:
        return _result(_asked(), request.form.get("email", "").strip()[:254])
    except BadInput as problem:
        return _form(problem)


def _form(problem: BadInput | None = None) -> Response:
    given = request.form.get("given", "") if request.method == "POST" else ""
    page = render_template("record/verify.html", problem=problem, given=given[:20_000], limit=MAX_FILE)
    return Response(page, 422 if problem else 200, content_type="text/html; charset=utf-8")


def _asked() -> Asked:
    upload, given = request.files.get("file"), request.form.get("given", "").strip()
    lookups = Lookups()
    if upload is not None and upload.filename:
        data = upload.stream.read(MAX_FILE + 1)
        if given:
            raise BadInput("There is both a file and a text.", where="given", fix="Clear one of them.")
        return Asked(data, lookups)
    if not given:
        raise BadInput("There is nothing to verify.", where="given", fix="Choose a file, or paste a badge or its link.")
    if _ID.fullmatch(given):
        return _own(_shown(given), lookups)
    if given.startswith(("https://", "http://")) and not any(letter.isspace() for letter in given):
        return _linked(given, lookups)
    return Asked(given, lookups)


def _linked(address: str, lookups: Lookups) -> Asked:
    parts = urlsplit(address)
    if f"{parts.scheme}://{parts.netloc}" in (lookups.base, request.host_url.rstrip("/")):
        if match := _BADGE.fullmatch(parts.path):
            return _own(_shown(match[1]), lookups)
        if match := _SHARE.fullmatch(parts.path):
            return _own(_of_share(match[1], match[2]), lookups)
        raise BadInput("This link of ours does not lead to a badge.", where=address[:200], fix="Copy it once more.")
    try:
        return Asked(lookups.fetch(address), lookups)
    except BadInput as problem:
        raise BadInput(
            f"The link could not be followed: {problem.message}.",
            where=address[:200],
            fix="Download the badge from there and upload it here.",
        ) from None


def _shown(badge_id: str) -> Look:
    try:
        return looks.of_badge(badge_id)
    except NotFound:
        raise BadInput(
            "There is no badge of this number, or it is not public.",
            where=badge_id,
            fix="Ask for its file or for a link to it.",
        ) from None


def _of_share(secret: str, badge_id: str | None) -> Look:
    try:
        share = looks.of_share(secret)
    except NotFound as error:
        raise BadInput(error.description or "", where="given", fix="Ask for a new link.") from None
    if not looks.is_open(share):
        raise BadInput("This link has a password.", where="given", fix="Open it first, then verify it from there.")
    wanted = badge_id or share.badge_id
    if wanted is None:
        raise BadInput("This link shows several badges.", where="given", fix="Open it, and verify one of them.")
    return pages.through(secret, wanted)


def _own(look: Look, lookups: Lookups) -> Asked:
    if look.held.credential is None:
        abort(404, "The badge is being issued. Try again in a minute.")
    with services().database.read() as session:
        row = looks.texts(session, look.held.credential.seq)
    return Asked(row.json or "", lookups, look, (row.record or "").encode())


def _result(asked: Asked, email: str) -> Response:
    lookups = asked.lookups
    found = verify(
        asked.data, documents=lookups.document, status_lists=lookups.status_list, now=now(), record=asked.record
    )
    credential = found.credential
    answer = Answer(
        found=found,
        face=portrait(credential) if credential is not None else None,
        ours=credential is not None and issuer_id(credential) == lookups.issuer,
        holder=is_holder(credential, email) if credential is not None and email else None,
        signed=any(one.id == "signature" and one.ok for one in found.checks),
        marks=asked.look is None or asked.look.shows("criteria"),
        members=[portrait(member.credential) if member.credential else None for member in found.members],
        problems=lookups.problems,
    )
    if answer.ours and credential is not None and not found.members:
        answer = _with_story(answer, credential, lookups)
    page = render_template(
        "record/verified.html",
        answer=answer,
        headline=HEADLINES[found.verdict],
        meanings=MEANINGS,
        email=email,
        essential=ESSENTIAL,
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _with_story(answer: Answer, credential: Mapping[str, Any], lookups: Lookups) -> Answer:
    """What this site knows beyond the check of one of its own: why it ended, and whether there is a newer version."""
    row = _row(credential, lookups) if answer.signed else None
    if row is None:
        return answer
    with services().database.read() as session:
        suite = session.get_one(PublishedSuite, row.suite_id)
        version = skillbook.newest(session, [suite]).get(row.rubric, row.version)
    newest = version if version > row.version else None
    return Answer(**{**vars(answer), "why": badges.told_why(row), "newest": newest})


def _row(credential: Mapping[str, Any], lookups: Lookups) -> Credential | None:
    try:
        entry = read_entry(credential.get("credentialStatus"))
    except Refused:
        return None
    number = entry.url.removeprefix(f"{lookups.base}/status/")
    if not number.isdecimal() or len(number) > 8:
        return None
    with services().database.read() as session:
        return badges.by_place(session, int(number), entry.index)
