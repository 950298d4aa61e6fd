"""Shortlists: learners that the members of an organisation have in mind, with notes. Callers hold a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from grader.db import audit, talent_contacts, talent_search
from grader.db.queries import new_id, now
from grader.db.school import Person
from grader.db.talent import Learner, Shortlist, ShortlistEntry
from grader.db.talent_search import Found, visible
from grader.errors import BadInput

MOST_LISTS = 100
MOST_ENTRIES = 1000
NOTE = 1000


@dataclass(frozen=True)
class Card:
    """A shortlist with how many of its learners can be found now."""

    shortlist: Shortlist
    learners: int


@dataclass(frozen=True)
class Line:
    """A learner in a shortlist. `person` is there for who has accepted a request of the organisation."""

    entry: ShortlistEntry
    found: Found
    person: Person | None


def cards(session: Session, organisation_id: str) -> list[Card]:
    """All shortlists of an organisation, by name."""
    counted = (
        select(ShortlistEntry.shortlist_id, func.count().label("number"))
        .join(Learner, Learner.seq == ShortlistEntry.learner_seq)
        .join(Person, Person.id == Learner.person_id)
        .where(visible(organisation_id))
        .group_by(ShortlistEntry.shortlist_id)
        .subquery()
    )
    query = (
        select(Shortlist, func.coalesce(counted.c.number, 0))
        .outerjoin(counted, counted.c.shortlist_id == Shortlist.id)
        .where(Shortlist.organisation_id == organisation_id)
        .order_by(func.lower(Shortlist.name), Shortlist.id)
    )
    return [Card(*row) for row in session.execute(query)]


def find(session: Session, organisation_id: str, shortlist_id: str) -> Shortlist | None:
    """None also for another organisation's."""
    row = session.get(Shortlist, shortlist_id)
    return row if row is not None and row.organisation_id == organisation_id else None


def add(session: Session, organisation_id: str, name: str, *, by: str) -> Shortlist:
    """Raises BadInput: no name, one that is taken, or too many lists."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise BadInput("A shortlist needs a name of 1 to 100 characters.", where="name", fix="Name the job.")
    there = session.scalars(select(Shortlist.name).where(Shortlist.organisation_id == organisation_id)).all()
    if name.casefold() in {one.casefold() for one in there}:
        raise BadInput(f"There is a shortlist “{name}”.", where="name", fix="Choose another name.")
    if len(there) >= MOST_LISTS:
        raise BadInput(f"There are {MOST_LISTS} shortlists.", where="name", fix="Delete one that is done with.")
    row = Shortlist(id=new_id(), organisation_id=organisation_id, name=name, created_by=by, created_at=now())
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: Shortlist, *, by: str) -> None:
    """Delete a list with its notes."""
    about = f"organisation:{row.organisation_id}"
    audit.note(session, "shortlist.deleted", about, by=by, course_id=None, before={"name": row.name})
    session.delete(row)


def put(session: Session, row: Shortlist, learner: Learner, note: str, *, by: str) -> ShortlistEntry:
    """Add a learner, or change the note on one. Raises BadInput: the note is too long, or the list is full."""
    note = note.replace("\r\n", "\n").strip()
    if len(note) > NOTE:
        raise BadInput(f"The note is longer than {NOTE} characters.", where="note", fix="Shorten it.")
    entry = session.get(ShortlistEntry, (row.id, learner.seq))
    if entry is not None:
        entry.note = note
        return entry
    number = session.scalar(select(func.count()).where(ShortlistEntry.shortlist_id == row.id)) or 0
    if number >= MOST_ENTRIES:
        raise BadInput(f"There are {MOST_ENTRIES} learners in it.", where="shortlist", fix="Make another shortlist.")
    entry = ShortlistEntry(shortlist_id=row.id, learner_seq=learner.seq, note=note, added_by=by, added_at=now())
    session.add(entry)
    session.flush()
    return entry


def take_out(session: Session, row: Shortlist, learner_seq: int) -> bool:
    """False when the learner is not in the list."""
    entry = session.get(ShortlistEntry, (row.id, learner_seq))
    if entry is not None:
        session.delete(entry)
    return entry is not None


def holding(session: Session, organisation_id: str, learner_seq: int) -> Sequence[str]:
    """Ids of the organisation's lists that a learner is in."""
    query = select(Shortlist.id).join(ShortlistEntry, ShortlistEntry.shortlist_id == Shortlist.id)
    mine = (Shortlist.organisation_id == organisation_id, ShortlistEntry.learner_seq == learner_seq)
    return session.scalars(query.where(*mine)).all()


def names(session: Session, organisation_id: str, learner_seqs: Sequence[int]) -> dict[int, list[str]]:
    """Names of the organisation's lists that each of these learners is in."""
    found: dict[int, list[str]] = {}
    query = select(ShortlistEntry.learner_seq, Shortlist.name).join(
        Shortlist, Shortlist.id == ShortlistEntry.shortlist_id
    )
    mine = (Shortlist.organisation_id == organisation_id, ShortlistEntry.learner_seq.in_(learner_seqs))
    for seq, name in session.execute(query.where(*mine).order_by(Shortlist.name)):
        found.setdefault(seq, []).append(name)
    return found


def lines(session: Session, row: Shortlist, limit: int, after: int | None = None) -> list[Line]:
    """The learners of a list who can be found now, in six queries however many there are.

    Args:
        after: `learner_seq` of the last one of the page before.
    """
    query = (
        select(ShortlistEntry, Learner)
        .join(Learner, Learner.seq == ShortlistEntry.learner_seq)
        .join(Person, Person.id == Learner.person_id)
        .where(ShortlistEntry.shortlist_id == row.id, visible(row.organisation_id))
    )
    if after is not None:
        query = query.where(ShortlistEntry.learner_seq > after)
    some = session.execute(query.order_by(ShortlistEntry.learner_seq).limit(limit)).all()
    found = talent_search.described(session, [learner for _, learner in some])
    seqs = [entry.learner_seq for entry, _ in some]
    named = talent_contacts.accepted_people(session, row.organisation_id, seqs)
    return [Line(entry, one, named.get(entry.learner_seq)) for (entry, _), one in zip(some, found, strict=True)]


def forget(session: Session, learner_seq: int, organisation_id: str | None = None) -> None:
    """Take a learner out of all lists, or out of an organisation's."""
    mine: list[ColumnElement[bool]] = [ShortlistEntry.learner_seq == learner_seq]
    if organisation_id is not None:
        lists = select(Shortlist.id).where(Shortlist.organisation_id == organisation_id)
        mine.append(ShortlistEntry.shortlist_id.in_(lists))
    session.execute(delete(ShortlistEntry).where(*mine))
