"""Shortlists that the members of an organisation share."""

from __future__ import annotations

from datetime import datetime

from flask import abort, g, request
from pydantic import Field

from grader.db import shortlists
from grader.db.talent import Shortlist as Row
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.reading import Invalid
from grader.web.api.talent import AnonymousLearner, Contact, asking, learner_of
from grader.web.api.values import Line, Model, Page, Paging, Prose
from grader.web.services import services
from grader.web.talent.blueprint import Member, found_learner
from grader.web.talent.shortlists import shortlist


class Shortlist(Model):
    """Learners that your organisation has in mind."""

    id: str
    name: str
    learners: int
    """How many of them can be found now."""
    created_at: datetime


class Shortlists(Model):
    """All of them, by name; there are a hundred at most."""

    items: list[Shortlist]


class NewShortlist(Model):
    """What a shortlist is made of."""

    name: Line
    """Up to 100 characters."""


class Note(Model):
    """What your colleagues read of a learner."""

    note: Prose = ""


class ShortlistedLearner(Model):
    """A learner in a shortlist."""

    learner: AnonymousLearner
    note: str
    added_at: datetime
    contact: Contact | None
    """Only of who has accepted a request."""


class ShortlistQuery(Paging):
    """Which part of a shortlist to send."""

    limit: int = Field(default=20, ge=1, le=50)
    """How many at most."""


@operation("GET", "/talent/shortlists", tag="Talent", scope="talent", answer=Shortlists)
def list_shortlists() -> Shortlists:
    """Your organisation's shortlists"""
    who = asking()
    with services().database.read() as session:
        cards = shortlists.cards(session, who.id)
    return Shortlists(items=[_shortlist(card.shortlist, card.learners) for card in cards])


@operation("POST", "/talent/shortlists", tag="Talent", scope="talent", body=NewShortlist, answer=Shortlist, status=201)
def create_shortlist(body: NewShortlist) -> Shortlist:
    """Make a shortlist"""
    who = asking()
    with services().database.write() as session:
        row = shortlists.add(session, who.id, body.name, by=who.person.id)
    header("Location", address("list_shortlist", shortlist_id=row.id))
    return _shortlist(row, 0)


@operation(
    "GET", "/talent/shortlists/<shortlist_id>", tag="Talent", scope="talent", query=ShortlistQuery,
    answer=Page[ShortlistedLearner],
)  # fmt: skip
def list_shortlist(shortlist_id: str, query: ShortlistQuery) -> Page[ShortlistedLearner]:
    """The learners of a shortlist who can be found now, with notes"""
    who = asking()
    row = shortlist(who, shortlist_id)
    place = who.names.place(query.after) if query.after is not None else None
    if query.after is not None and place is None:
        raise Invalid([{"where": "after", "detail": "is not a cursor of this list; take it from `next`"}])
    with services().database.read() as session:
        lines = shortlists.lines(session, row, query.limit + 1, place.learner_seq if place else None)
    following = None
    if len(lines) > query.limit:
        mark = who.names.mark_of(lines[query.limit - 1].entry.learner_seq)
        following = paging.address_of(request.path, [("limit", str(query.limit)), ("after", mark)])
        g.api_headers["Link"] = f'<{following}>; rel="next"'
    return Page[ShortlistedLearner](items=[_line(who, line) for line in lines[: query.limit]], next=following)


@operation("DELETE", "/talent/shortlists/<shortlist_id>", tag="Talent", scope="talent", status=204)
def delete_shortlist(shortlist_id: str) -> None:
    """Delete a shortlist with its notes"""
    who = asking()
    row = shortlist(who, shortlist_id)
    with services().database.write() as session:
        shortlists.remove(session, session.get_one(Row, row.id), by=who.person.id)


@operation(
    "PUT", "/talent/shortlists/<shortlist_id>/learners/<learner_id>", tag="Talent", scope="talent", body=Note,
    status=204,
)  # fmt: skip
def put_into_shortlist(shortlist_id: str, learner_id: str, body: Note) -> None:
    """Put a learner into a shortlist, or change the note on one"""
    who = asking()
    row = shortlist(who, shortlist_id)
    learner = found_learner(who, learner_id).learner
    with services().database.write() as session:
        shortlists.put(session, row, learner, body.note, by=who.person.id)


@operation(
    "DELETE", "/talent/shortlists/<shortlist_id>/learners/<learner_id>", tag="Talent", scope="talent", status=204
)
def take_from_shortlist(shortlist_id: str, learner_id: str) -> None:
    """Take a learner out of a shortlist"""
    who = asking()
    row = shortlist(who, shortlist_id)
    learner = found_learner(who, learner_id).learner
    with services().database.write() as session:
        if not shortlists.take_out(session, row, learner.seq):
            abort(404, "This learner is not in the list.")


def _shortlist(row: Row, learners: int) -> Shortlist:
    return Shortlist(id=row.id, name=row.name, learners=learners, created_at=row.created_at)


def _line(who: Member, line: shortlists.Line) -> ShortlistedLearner:
    person = line.person
    contact = Contact(name=person.name, email=person.email, badges=[]) if person else None
    learner = learner_of(who, line.found)
    return ShortlistedLearner(learner=learner, note=line.entry.note, added_at=line.entry.added_at, contact=contact)
