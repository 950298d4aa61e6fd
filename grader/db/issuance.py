"""What the issuing process reads and writes: its outbox, what a credential is made of, and the published files."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, undefer

from grader.db import audit, badges, rules, talent_skills
from grader.db.credentials import DUE, Badge, Credential, CredentialState, Publication, Transcript
from grader.db.marking import Review
from grader.db.queries import now
from grader.db.rules import ReviewMark
from grader.db.school import Assignment, Person, PublishedSuite
from grader.db.tables import Attempt

LIST_SIZE = 131_072
"""Entries of a status list."""
_FULL = LIST_SIZE * 9 // 10
_ON_LIST: Mapping[str, tuple[CredentialState, ...]] = {
    "revocation": ("revoke_due", "revoked"),
    "suspension": ("suspend_due", "suspended"),
}
_DONE: Mapping[CredentialState, CredentialState] = {
    "revoke_due": "revoked", "suspend_due": "suspended", "reinstate_due": "issued",
}  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What a credential is made of. `report` has people's marks in it."""

    credential: Credential
    badge: Badge
    person: Person
    suite: PublishedSuite
    report: Mapping[str, Any]
    salt: str
    name: str | None
    """The learner's, when they want it to be told."""


@dataclass(frozen=True)
class Signed:
    """What was signed, as it is stored."""

    json: str
    jwt: str
    record: str
    images: Mapping[str, str]
    issuer: str
    issued: datetime
    valid_until: datetime


def due(session: Session, limit: int = 100) -> Sequence[Credential]:
    """The outbox, the oldest first."""
    query = select(Credential).where(Credential.state.in_(DUE), Credential.due_at <= now())
    return session.scalars(query.order_by(Credential.due_at, Credential.seq).limit(limit)).all()


def material(session: Session, seq: int) -> Material | None:
    """What a due credential is made of, with its place in a status list; None when it is not due any more."""
    row = session.get(Credential, seq, populate_existing=True, with_for_update=True)
    if row is None or row.state != "due":
        return None
    if row.status_index is None:
        row.status_list, row.status_index = _place(session)
    badge = session.get_one(Badge, row.badge_id)
    person, suite = session.get_one(Person, badge.person_id), session.get_one(PublishedSuite, row.suite_id)
    attempt = session.scalars(
        select(Attempt).where(Attempt.id == row.attempt_id).options(undefer(Attempt.report))
    ).one()
    marks = {
        review.criterion: ReviewMark(review.level, review.points)
        for review in session.scalars(
            select(Review).where(Review.submission_id == row.submission_id, Review.replaced_at.is_(None))
        )
    }
    choice = badges.holder(session, person.id)
    report = rules.with_reviews(suite, attempt.report or {}, marks)
    return Material(row, badge, person, suite, report, choice.salt, person.name if choice.show_name else None)


def store(session: Session, made_of: Material, signed: Signed) -> bool:
    """Keep a signed credential; the older ones of its badge are to be revoked. False when it is not due any more."""
    seq = made_of.credential.seq
    values = {
        "state": "issued", "json": signed.json, "jwt": signed.jwt, "record": signed.record,
        "images": dict(signed.images), "issuer": signed.issuer, "issued_at": signed.issued,
        "valid_until": signed.valid_until, "problem": None,
    }  # fmt: skip
    query = update(Credential).where(Credential.seq == seq, Credential.state == "due").values(**values)
    if session.scalar(query.returning(Credential.seq).execution_options(synchronize_session=False)) is None:
        return False
    badge = session.get_one(Badge, made_of.badge.id)
    badge.awarded_at = badge.awarded_at or signed.issued
    older = (Credential.badge_id == badge.id, Credential.seq != seq, Credential.state.in_(badges.LIVE))
    ended = {"state": "revoke_due", "why": badges.REPLACED, "due_at": now()}
    session.execute(update(Credential).where(*older).values(**ended).execution_options(synchronize_session=False))
    talent_skills.mark(session, [badge.id])
    note(session, "badge.issued", badge, after={"number": made_of.credential.number, "issuer": signed.issuer})
    return True


def put_off(session: Session, seq: int, problem: str, wait: timedelta | None) -> None:
    """Note why a credential could not be made; tried again after `wait`, or never."""
    values: dict[str, Any] = {"problem": problem[:2000], "tries": Credential.tries + 1}
    values |= {"due_at": now() + wait} if wait is not None else {"state": "dropped"}
    query = update(Credential).where(Credential.seq == seq, Credential.state == "due").values(**values)
    session.execute(query.execution_options(synchronize_session=False))


def lists(session: Session) -> Sequence[int]:
    """The numbers of all status lists, the first one even while it is empty."""
    query = select(Credential.status_list).where(Credential.status_list.is_not(None)).distinct()
    return sorted({1, *(number for number in session.scalars(query) if number is not None)})


def set_bits(session: Session, number: int, purpose: str, issuer: str) -> list[int]:
    """The indexes that are set in a list."""
    where = (Credential.status_list == number, Credential.state.in_(_ON_LIST[purpose]), Credential.issuer == issuer)
    return [index for index in session.scalars(select(Credential.status_index).where(*where)) if index is not None]


def conclude(session: Session, seqs: Collection[int]) -> None:
    """Changes of state that are in the published lists now are done."""
    for before, after in _DONE.items():
        where = (Credential.seq.in_(seqs), Credential.state == before)
        values: dict[str, Any] = {"state": after, "ended_at": now() if after != "issued" else None}
        session.execute(update(Credential).where(*where).values(**values).execution_options(synchronize_session=False))
    changed = select(Credential.badge_id).where(Credential.seq.in_(seqs)).distinct()
    talent_skills.mark(session, session.scalars(changed).all())


def publication(session: Session, name: str, *, hold: bool = False) -> Publication | None:
    """A published file; `hold` makes others who write it wait."""
    query = select(Publication).where(Publication.name == name).execution_options(populate_existing=True)
    return session.scalar(query.with_for_update() if hold else query)


def publish(session: Session, name: str, text: str, *, valid_until: datetime | None = None) -> None:
    """Write a file. The same text again changes nothing, unless it is one that ends."""
    found = session.get(Publication, name)
    if found is None:
        session.add(Publication(name=name, text=text, published_at=now(), valid_until=valid_until))
    elif found.text != text or valid_until is not None:
        found.text, found.published_at, found.valid_until = text, now(), valid_until
    session.flush()


def due_transcripts(session: Session, limit: int = 20) -> Sequence[Transcript]:
    query = select(Transcript).where(Transcript.state == "due").order_by(Transcript.asked_at).limit(limit)
    return session.scalars(query).all()


def transcript_material(session: Session, person_id: str) -> tuple[Person, str, list[str], bool]:
    """A learner, their salt, the JSON of their badges that are valid, and whether others are left out."""
    held = [one for one in badges.of_person(session, person_id) if one.badge.deleted_at is None]
    valid = [one.credential.seq for one in held if one.credential is not None and one.standing() == "valid"]
    query = select(Credential.json).where(Credential.seq.in_(valid)).order_by(Credential.issued_at)
    texts = [text for text in session.scalars(query) if text is not None]
    salt = badges.holder(session, person_id).salt
    return session.get_one(Person, person_id), salt, texts, len(texts) < len(held)


def finish_transcript(session: Session, transcript_id: str, **values: Any) -> None:
    """Store a transcript that was made (`json`, `badges`, `issued_at`, `valid_until`), or its `problem`."""
    row = session.get(Transcript, transcript_id)
    if row is not None and row.state == "due":
        row.state = "issued" if values.get("json") else "failed"
        for name, value in values.items():
            setattr(row, name, value)


def note(session: Session, action: str, badge: Badge, *, after: Mapping[str, Any] | None = None) -> None:
    course = session.get_one(Assignment, badge.assignment_id).course_id
    audit.note(session, action, f"badge:{badge.id}", by=None, course_id=course, after=after)


def _place(session: Session) -> tuple[int, int]:
    """A free place, at random, so that neighbours in a list have nothing to do with each other."""
    number = session.scalar(select(func.max(Credential.status_list))) or 1
    taken = session.scalar(select(func.count()).where(Credential.status_list == number)) or 0
    if taken >= _FULL:
        return number + 1, secrets.randbelow(LIST_SIZE)
    while True:
        index = secrets.randbelow(LIST_SIZE)
        place = (Credential.status_list == number, Credential.status_index == index)
        if session.scalar(select(Credential.seq).where(*place)) is None:
            return number, index
