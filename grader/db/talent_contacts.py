"""Requests for contact: an organisation asks, the learner answers, and only then do names change hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlalchemy.orm import Session, undefer

from grader.db import audit, badges
from grader.db.badges import Held
from grader.db.credentials import Badge, Credential
from grader.db.queries import new_id, now
from grader.db.school import Person
from grader.db.talent import ContactRequest, Learner, Organisation, RequestBadge, RequestState
from grader.db.talent_search import not_blocked
from grader.errors import BadInput

AGAIN_DAYS = 180
"""How long an organisation does not ask a learner again who has declined."""
SHORTEST = 20
LONGEST = 2000


@dataclass(frozen=True)
class Asked:
    """A request as its organisation sees it. `person` and `badges` are there only while it is accepted."""

    request: ContactRequest
    learner: Learner
    asked_by: str
    """Name of the member."""
    there: bool
    """Whether the learner can still be found by the organisation."""
    person: Person | None = None
    badges: Sequence[Held] = field(default_factory=tuple)


@dataclass(frozen=True)
class Received:
    """A request as its learner sees it."""

    request: ContactRequest
    organisation: Organisation
    asked_by: str | None
    badges: Sequence[str] = field(default_factory=tuple)
    """Ids of those that were shown with it."""


def ask(session: Session, organisation: Organisation, member: Person, learner: Learner, message: str) -> ContactRequest:
    """Ask for contact; the caller has seen that the organisation may see the learner.

    Raises BadInput: the message says too little or too much, or the learner was asked already.
    """
    message = message.replace("\r\n", "\n").strip()
    if not SHORTEST <= len(message) <= LONGEST:
        raise BadInput(
            f"The message has {len(message)} characters; {SHORTEST} to {LONGEST} are right.",
            where="message",
            fix="Say who you are, what the work is, and what you ask for.",
        )
    last = latest(session, organisation.id, learner.seq)
    if last is not None and last.state in ("waiting", "accepted"):
        what = "has not answered yet" if last.state == "waiting" else "has accepted"
        raise BadInput(f"Your organisation has asked this learner, who {what}.", fix="Open the request.")
    if last is not None and last.state in ("declined", "ended"):
        again = (last.answered_at or last.asked_at) + timedelta(days=AGAIN_DAYS)
        if again > now():
            raise BadInput(
                "This learner has declined.",
                fix=f"You can ask again from {again:%d %B %Y}; they may change their mind.",
            )
    row = ContactRequest(
        id=new_id(), organisation_id=organisation.id, learner_seq=learner.seq, asked_by=member.id, message=message,
        state="waiting", asked_at=now(), answer="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, "contact.asked", row, by=member.id)
    return row


def states(session: Session, organisation_id: str, learner_seqs: Sequence[int]) -> dict[int, RequestState]:
    """How the newest request of an organisation to each of these learners stands; who was not asked is left out."""
    mine = (ContactRequest.organisation_id == organisation_id, ContactRequest.learner_seq.in_(learner_seqs))
    query = select(ContactRequest.learner_seq, ContactRequest.state).where(*mine).order_by(ContactRequest.seq)
    return dict(session.execute(query).all())


def latest(session: Session, organisation_id: str, learner_seq: int) -> ContactRequest | None:
    """The newest request of an organisation to a learner."""
    mine = (ContactRequest.organisation_id == organisation_id, ContactRequest.learner_seq == learner_seq)
    return session.scalar(select(ContactRequest).where(*mine).order_by(ContactRequest.seq.desc()).limit(1))


def withdraw(session: Session, organisation_id: str, request_id: str, *, by: str) -> None:
    """Take back a request that was not answered. Raises BadInput."""
    row = session.scalar(_one(request_id).where(ContactRequest.organisation_id == organisation_id))
    if row is None or row.state != "waiting":
        raise BadInput("This request is answered.", where="request", fix="Load the page again.")
    row.state, row.answered_at = "withdrawn", now()
    _note(session, "contact.withdrawn", row, by=by)


def answer(
    session: Session, person: Person, request_id: str, *, accept: bool, text: str, badge_ids: Sequence[str] = ()
) -> ContactRequest:
    """Accept or decline. Raises BadInput: it was answered, the text is too long, or a badge is not theirs."""
    row = _of_learner(session, person, request_id)
    if row.state != "waiting":
        raise BadInput("This request is not waiting for an answer.", where="request", fix="Load the page again.")
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise BadInput(f"The answer is longer than {LONGEST} characters.", where="answer", fix="Shorten it.")
    mine = {held.badge.id for held in shareable(session, person.id)}
    if set(badge_ids) - mine:
        raise BadInput("You have no such badge.", where="badges", fix="Load the page again.")
    row.state, row.answered_at, row.answer = "accepted" if accept else "declined", now(), text
    if accept:
        session.add_all(RequestBadge(request_seq=row.seq, badge_id=badge_id) for badge_id in dict.fromkeys(badge_ids))
    _note(session, f"contact.{row.state}", row, by=person.id)
    return row


def end(session: Session, person: Person, request_id: str) -> None:
    """Stop showing name, address and badges with a request that was accepted. Raises BadInput."""
    row = _of_learner(session, person, request_id)
    if row.state != "accepted":
        raise BadInput("Nothing is shown with this request.", where="request", fix="Load the page again.")
    _end(session, ContactRequest.seq == row.seq)
    _note(session, "contact.ended", row, by=person.id)


def end_all(session: Session, learner_seq: int, organisation_id: str | None = None) -> None:
    """Decline what waits and end what was accepted: of one organisation, or of all."""
    mine: ColumnElement[bool] = ContactRequest.learner_seq == learner_seq
    if organisation_id is not None:
        mine = and_(mine, ContactRequest.organisation_id == organisation_id)
    waiting = and_(mine, ContactRequest.state == "waiting")
    session.execute(update(ContactRequest).where(waiting).values(state="declined", answered_at=now()))
    _end(session, mine)


def shareable(session: Session, person_id: str) -> list[Held]:
    """The badges that a learner can show with an answer: those that are valid."""
    return [
        held for held in badges.of_person(session, person_id)
        if held.standing() == "valid" and held.badge.deleted_at is None
    ]  # fmt: skip


def received(session: Session, learner_seq: int, limit: int, before: int | None = None) -> list[Received]:
    """A learner's requests, the newest first; `before` is the `seq` of the last one of the page before."""
    query = (
        select(ContactRequest, Organisation, Person.name)
        .join(Organisation, Organisation.id == ContactRequest.organisation_id)
        .outerjoin(Person, Person.id == ContactRequest.asked_by)
        .where(ContactRequest.learner_seq == learner_seq, ContactRequest.state != "withdrawn")
    )
    if before is not None:
        query = query.where(ContactRequest.seq < before)
    rows = session.execute(query.order_by(ContactRequest.seq.desc()).limit(limit)).all()
    shown = _badges_of(session, [row.seq for row, _, _ in rows])
    return [Received(row, organisation, name, shown[row.seq]) for row, organisation, name in rows]


def waiting(session: Session, person_id: str) -> int:
    """How many requests wait for a person's answer."""
    query = select(func.count(ContactRequest.seq)).join(Learner, Learner.seq == ContactRequest.learner_seq)
    return session.scalar(query.where(Learner.person_id == person_id, ContactRequest.state == "waiting")) or 0


def asked(
    session: Session, organisation_id: str, limit: int, before: int | None = None, request_id: str | None = None
) -> list[Asked]:
    """An organisation's requests, the newest first, in four queries; or the one with an id.

    Who has accepted is named, with the badges they show; of all others nothing is read that could name them.
    """
    there = and_(
        Learner.found_since.is_not(None), Person.disabled_at.is_(None), not_blocked(Learner.seq, organisation_id)
    )
    query = (
        select(ContactRequest, Learner, Person.id, there)
        .join(Learner, Learner.seq == ContactRequest.learner_seq)
        .join(Person, Person.id == Learner.person_id)
        .where(ContactRequest.organisation_id == organisation_id)
    )
    if before is not None:
        query = query.where(ContactRequest.seq < before)
    if request_id is not None:
        query = query.where(ContactRequest.id == request_id)
    rows = session.execute(query.order_by(ContactRequest.seq.desc()).limit(limit)).all()
    open_ones = {row.seq: person_id for row, _, person_id, is_there in rows if row.state == "accepted" and is_there}
    ids = {*open_ones.values(), *(row.asked_by for row, *_ in rows if row.asked_by)}
    persons = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    shown = _badges_of(session, list(open_ones))
    held = {one.badge.id: one for one in badges.some(session, {one for ids in shown.values() for one in ids})}
    return [
        Asked(
            row,
            learner,
            persons[row.asked_by].name if row.asked_by in persons else "",
            is_there,
            persons[open_ones[row.seq]] if row.seq in open_ones else None,
            [held[one] for one in shown[row.seq] if one in held and held[one].badge.deleted_at is None],
        )
        for row, learner, _, is_there in rows
    ]


def accepted_people(session: Session, organisation_id: str, learner_seqs: Sequence[int]) -> dict[int, Person]:
    """Those of these learners who have accepted a request of this organisation, by `seq`."""
    rows = session.execute(
        select(Learner.seq, Person)
        .join(ContactRequest, ContactRequest.learner_seq == Learner.seq)
        .join(Person, Person.id == Learner.person_id)
        .where(
            ContactRequest.organisation_id == organisation_id,
            ContactRequest.state == "accepted",
            Learner.seq.in_(learner_seqs),
            Learner.found_since.is_not(None),
            Person.disabled_at.is_(None),
        )
    )
    return dict(rows.all())


def credential(session: Session, held: Held) -> Credential | None:
    """The signed document of a badge that is shown with a request."""
    if held.credential is None:
        return None
    query = select(Credential).where(Credential.seq == held.credential.seq).options(undefer(Credential.json))
    return session.scalar(query.execution_options(populate_existing=True))


def _badges_of(session: Session, seqs: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(RequestBadge.request_seq, Badge.id)
        .join(Badge, Badge.id == RequestBadge.badge_id)
        .where(RequestBadge.request_seq.in_(seqs))
        .order_by(Badge.created_at, Badge.id)
    )
    for seq, badge_id in rows:
        found[seq].append(badge_id)
    return found


def _end(session: Session, which: ColumnElement[bool]) -> None:
    accepted = and_(which, ContactRequest.state == "accepted")
    session.execute(
        delete(RequestBadge).where(RequestBadge.request_seq.in_(select(ContactRequest.seq).where(accepted)))
    )
    session.execute(update(ContactRequest).where(accepted).values(state="ended", answered_at=now(), answer=""))


def _one(request_id: str) -> Select[ContactRequest]:
    return select(ContactRequest).where(ContactRequest.id == request_id).with_for_update(of=ContactRequest)


def _of_learner(session: Session, person: Person, request_id: str) -> ContactRequest:
    query = _one(request_id).join(Learner, Learner.seq == ContactRequest.learner_seq)
    row = session.scalar(query.where(Learner.person_id == person.id))
    if row is None:
        raise BadInput("There is no such request.", where="request")
    return row


def _note(session: Session, action: str, row: ContactRequest, *, by: str) -> None:
    after = {"request": row.id}
    audit.note(session, action, f"organisation:{row.organisation_id}", by=by, course_id=None, after=after)
