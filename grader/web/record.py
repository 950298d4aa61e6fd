"""A learner's own record: their skills with the evidence, their badges, and all of it to take away."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, abort, redirect, render_template, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer
from werkzeug.wrappers import Response as BaseResponse

from grader.db import badges, skillbook
from grader.db.badges import Held
from grader.db.credentials import Credential, Holder, Transcript
from grader.db.queries import new_id, now
from grader.db.school import PublishedSuite
from grader.db.suites import open_suite
from grader.records import RubricMeta
from grader.web import identity, limits
from grader.web.links import absolute, qr_code
from grader.web.portrait import Portrait, portrait
from grader.web.services import services
from grader.web.sharing import LASTS, SHOWS, links_of

mine = Blueprint("record", __name__)


@mine.get("/record")
def show() -> str:
    """Skills, badges and links of whoever is signed in."""
    person = identity.required()
    with services().database.read() as session:
        held = badges.of_person(session, person.id)
        records = skillbook.of_person(session, person.id, meta_of)
        links = links_of(session, person.id)
        choice = session.get(Holder, person.id)
        transcript = _transcript(session, person.id)
    return render_template(
        "record/record.html",
        held=[one for one in held if one.badge.deleted_at is None],
        deleted=[one for one in held if one.badge.deleted_at is not None],
        skills=records,
        links=[link for link in links if link.share.badge_id is None],
        counts={one.badge.id: sum(link.share.badge_id == one.badge.id for link in links) for one in held},
        show_name=choice is not None and choice.show_name,
        transcript=transcript,
        shows=SHOWS,
        lasts=LASTS,
    )


@mine.post("/record/transcript")
def ask_transcript() -> BaseResponse:
    """Have all badges that are valid now put into one signed record."""
    person = identity.required()
    limits.count("transcript", person.id, 10, 3600)
    with services().database.write() as session:
        waiting = select(Transcript.id).where(Transcript.person_id == person.id, Transcript.state == "due")
        if session.scalar(waiting) is None:
            session.add(Transcript(id=new_id(), person_id=person.id, state="due", asked_at=now()))
    return redirect(url_for("record.transcript"), 303)


@mine.get("/record/transcript")
def transcript() -> Response:
    """All badges on a page to be printed or kept as PDF."""
    person = identity.required()
    with services().database.read() as session:
        held = [one for one in badges.of_person(session, person.id) if one.badge.deleted_at is None]
        valid = [one for one in held if one.standing() == "valid"]
        faces = _faces(session, valid)
        links = [link for link in links_of(session, person.id) if link.share.badge_id is None and link.address]
        row = _transcript(session, person.id)
    page = render_template(
        "record/transcript.html",
        person=person,
        held=valid,
        others=len(held) - len(valid),
        faces=faces,
        transcript=row,
        link=links[0] if links else None,
        qr=qr_code(links[0].address) if links else "",
        at=now(),
        issuer=services().settings.issuer_name,
        verify=absolute("verifying.form"),
    )
    return Response(page, content_type="text/html; charset=utf-8")


@mine.get("/record/transcript.json")
def transcript_file() -> Response:
    """The newest transcript as Comprehensive Learner Record 2.0; 404 before one was made."""
    person = identity.required()
    with services().database.read() as session:
        row = _transcript(session, person.id, state="issued")
        text = session.scalar(select(Transcript.json).where(Transcript.id == row.id)) if row is not None else None
    if text is None:
        abort(404, "No transcript has been made yet. Ask for one on your record's page.")
    response = Response(text, content_type="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=transcript.json"
    return response


@mine.get("/record/all.zip")
def everything() -> Response:
    """All signed badges and the newest transcript in one archive, as its learner's own copy."""
    person = identity.required()
    limits.count("record-all", person.id, 10, 600)
    with services().database.read() as session:
        signed = _signed(session, badges.of_person(session, person.id))
    return send_file(_archive(signed), "application/zip", as_attachment=True, download_name="badges.zip")


def meta_of(suite: PublishedSuite) -> RubricMeta:
    """What a published version of a rubric says of skills. Raises StoreError."""
    return RubricMeta.of(open_suite(services().settings, services().blobs, suite).rubric)


def _transcript(session: Session, person_id: str, state: str | None = None) -> Transcript | None:
    """The newest one, or the newest that got so far."""
    query = select(Transcript).where(Transcript.person_id == person_id)
    if state is not None:
        query = query.where(Transcript.state == state)
    return session.scalar(query.order_by(Transcript.asked_at.desc()).limit(1))


def _signed(session: Session, held: Sequence[Held]) -> Sequence[Credential]:
    """The newest signed credential of each badge that was not deleted, with what was signed."""
    seqs = [one.credential.seq for one in held if one.credential is not None and one.badge.deleted_at is None]
    columns = undefer(Credential.json), undefer(Credential.jwt), undefer(Credential.record)
    query = select(Credential).where(Credential.seq.in_(seqs)).order_by(Credential.seq.desc()).options(*columns)
    return session.scalars(query).all()


def _faces(session: Session, held: Sequence[Held]) -> Mapping[str, Portrait]:
    return {row.badge_id: portrait(json.loads(row.json or "{}")) for row in _signed(session, held)}


def _archive(signed: Sequence[Credential]) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in signed:
            folder = f"{row.rubric}-{row.badge_id[:8]}"
            for name, text in (("badge.json", row.json), ("badge.jwt", row.jwt), ("record.json", row.record)):
                archive.writestr(f"{folder}/{name}", text or "")
            for form, digest in (row.images or {}).items():
                archive.writestr(f"{folder}/badge.{form}", services().blobs.get(digest))
    made.seek(0)
    return made
