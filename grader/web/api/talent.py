"""For employers: search learners who agreed to be found, ask them for contact, keep shortlists.

Learners have another id for each organisation. What could name one is there only after they accepted a request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from flask import g, request
from pydantic import BeforeValidator, Field, StringConstraints
from werkzeug.exceptions import Forbidden

from grader.db import talent_contacts, talent_search
from grader.db.school import Person
from grader.db.talent import ContactRequest, Learner
from grader.db.talent_contacts import LONGEST, SHORTEST
from grader.db.talent_contacts import Asked as AskedRow
from grader.db.talent_search import MOST_SKILLS, Finder, Found, Proven, Search, Wanted
from grader.web import identity
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.reading import Invalid
from grader.web.api.values import Model, Page, Paging
from grader.web.services import services
from grader.web.talent import learner as learner_pages
from grader.web.talent import requests as request_pages
from grader.web.talent.blueprint import Member, count, found_learner, membership
from grader.web.talent.countries import countries

Availability = Literal["now", "from", "no"]


class Skill(Model):
    """A skill that learners can be found by."""

    id: int
    name: str
    uri: str | None
    levels: list[str]
    """The lowest first; the rank of a level is its place, counted from 1."""


class Skills(Model):
    """All of them, by name."""

    items: list[Skill]


class Criterion(Model):
    """What was tested."""

    title: str
    points: float
    max_points: float


class ShownSkill(Model):
    """A skill that a valid badge proves."""

    skill_id: int
    name: str
    level: str | None
    rank: int
    achieved_on: date
    current: bool
    """Whether it was shown with the newest version of the rubric."""
    rubric: str | None
    """Title of the rubric; null in a list for skills that were not asked for, as are the next three."""
    version: int | None
    share: float | None
    """Percent of the points that prove it."""
    criteria: list[Criterion] | None


class AnonymousLearner(Model):
    """A learner as your organisation may see them."""

    id: str
    """Of your organisation only: others have another one for the same learner."""
    headline: str
    country: str | None
    availability: Availability
    available_from: date | None
    skills: list[ShownSkill]
    """Those that were asked for first."""


class NewContactRequest(Model):
    """What a learner reads."""

    message: Annotated[
        str, StringConstraints(min_length=SHORTEST, max_length=LONGEST, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
    ]
    """Who you are, what the work is, what you ask for."""


class Contact(Model):
    """Who accepted, and the badges that they show."""

    name: str
    email: str
    badges: list[str]
    """Their ids."""


class ContactAnswer(Model):
    """A request for contact and how it stands."""

    id: str
    learner_id: str
    state: Literal["waiting", "accepted", "declined", "withdrawn", "ended"]
    message: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None
    contact: Contact | None
    """Only while it is accepted."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class TalentQuery(Paging):
    """Who is looked for: all of it must hold."""

    limit: int = Field(default=20, ge=1, le=50)
    """How many at most."""
    skill: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(:[0-9]{1,2})?$")]], BeforeValidator(_listed)
    ] = Field(min_length=1, max_length=MOST_SKILLS)
    """Id of a skill, and after a colon the least rank of its level: `12:2`. May be given several times; the first one
    leads: its best level comes first, then the most recent."""
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    """ISO 3166-1 code."""
    available_by: date | None = None
    """Available on this day or before."""
    since: date | None = None
    """Shown on this day or later."""
    current: bool = False
    """Only what was shown with the newest version of the rubric."""


@operation("GET", "/talent/skills", tag="Talent", scope="talent", answer=Skills, errors=(403,))
def list_talent_skills() -> Skills:
    """The skills that learners can be found by"""
    asking()
    with services().database.read() as session:
        return Skills(items=[Skill.model_validate(row) for row in talent_search.catalogue(session)])


@operation(
    "GET", "/talent/learners", tag="Talent", scope="talent", query=TalentQuery, answer=Page[AnonymousLearner],
    errors=(403,),
)  # fmt: skip
def search_learners(query: TalentQuery) -> Page[AnonymousLearner]:
    """Learners with these skills, the best match first"""
    who = asking()
    wanted = _search(who, query)
    place = who.names.place(query.after) if query.after is not None else None
    if query.after is not None and place is None:
        raise Invalid([{"where": "after", "detail": "is not a cursor of this list; take it from `next`"}])
    count(who, "search")
    with services().database.read() as session:
        found = Finder(session, wanted).page(query.limit, place)
    following = None
    if found.more is not None:
        arguments = [(key, value) for key, value in request.args.items(multi=True) if key != "after"]
        following = paging.address_of(request.path, [*arguments, ("after", who.names.mark(found.more))])
        g.api_headers["Link"] = f'<{following}>; rel="next"'
    return Page[AnonymousLearner](items=[learner_of(who, one) for one in found.found], next=following)


@operation("GET", "/talent/learners/<learner_id>", tag="Talent", scope="talent", answer=AnonymousLearner)
def show_learner(learner_id: str) -> AnonymousLearner:
    """A learner with all skills and what proves them; they see that your organisation has looked"""
    who = asking()
    count(who, "learner")
    found = found_learner(who, learner_id)
    learner_pages.look(who, found.learner)
    return learner_of(who, found)


@operation(
    "POST", "/talent/learners/<learner_id>/requests", tag="Talent", scope="talent", body=NewContactRequest,
    answer=ContactAnswer, status=201,
)  # fmt: skip
def ask_learner(learner_id: str, body: NewContactRequest) -> ContactAnswer:
    """Ask a learner for contact; they are told by mail, and accept or decline"""
    who = asking()
    row = learner_pages.send(who, learner_id, body.message)
    header("Location", address("show_contact_request", request_id=row.id))
    return _request(row, learner_id, None, ())


@operation(
    "GET", "/talent/requests", tag="Talent", scope="talent", query=Paging, answer=Page[ContactAnswer], errors=(403,)
)
def list_contact_requests(query: Paging) -> Page[ContactAnswer]:
    """Your organisation's requests for contact, newest first"""
    who = asking()
    after = paging.decode(query, int)
    with services().database.read() as session:
        rows = talent_contacts.asked(session, who.id, query.limit + 1, after[0] if after else None)
    return paging.page(ContactAnswer, rows, query, lambda row: (row.request.seq,), lambda row: _asked(who, row))


@operation("GET", "/talent/requests/<request_id>", tag="Talent", scope="talent", answer=ContactAnswer)
def show_contact_request(request_id: str) -> ContactAnswer:
    """A request for contact; with name and address once it is accepted"""
    who = asking()
    return _asked(who, request_pages.one(who, request_id))


@operation("DELETE", "/talent/requests/<request_id>", tag="Talent", scope="talent", status=204)
def withdraw_contact_request(request_id: str) -> None:
    """Withdraw a request that is not answered"""
    who = asking()
    request_pages.one(who, request_id)
    with services().database.write() as session:
        talent_contacts.withdraw(session, who.id, request_id, by=who.person.id)


def asking() -> Member:
    """The member of an organisation whose token it is; else 403."""
    found = membership(identity.require_role("employer"))
    if found is None:
        raise Forbidden("You are in no organisation. Join one on the page Talent.")
    return found


def _search(who: Member, query: TalentQuery) -> Search:
    wanted: dict[int, Wanted] = {}
    for text in query.skill:
        skill_id, _, rank = text.partition(":")
        wanted.setdefault(int(skill_id), Wanted(int(skill_id), int(rank or 0)))
    if query.country and query.country not in countries():
        raise Invalid([{"where": "country", "detail": "is no country's code"}])
    return Search(who.id, tuple(wanted.values()), query.since, query.current, query.country or None, query.available_by)


def learner_of(who: Member, found: Found) -> AnonymousLearner:
    """As the organisation may see them."""
    row: Learner = found.learner
    return AnonymousLearner(
        id=who.names.of(row.person_id),
        headline=row.headline,
        country=row.country,
        availability=row.availability,
        available_from=row.available_from,
        skills=[_skill(one) for one in found.skills],
    )


def _skill(one: Proven) -> ShownSkill:
    proof = one.evidence
    return ShownSkill(
        skill_id=one.skill.id,
        name=one.skill.name,
        level=one.level,
        rank=one.rank,
        achieved_on=one.achieved_on,
        current=one.current,
        rubric=proof.title if proof else None,
        version=proof.version if proof else None,
        share=proof.share if proof else None,
        criteria=[Criterion(**mark) for mark in proof.marks] if proof else None,
    )


def _asked(who: Member, row: AskedRow) -> ContactAnswer:
    return _request(row.request, who.names.of(row.learner.person_id), row.person, [one.badge.id for one in row.badges])


def _request(row: ContactRequest, learner_id: str, person: Person | None, badges: Sequence[str]) -> ContactAnswer:
    contact = Contact(name=person.name, email=person.email, badges=list(badges)) if person else None
    names = ("id", "state", "message", "answer", "asked_at", "answered_at")
    return ContactAnswer(learner_id=learner_id, contact=contact, **{name: getattr(row, name) for name in names})
