"""What all pages of talent share: who is asking for which organisation, how often, and words for templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from grader import queue
from grader.db import organisations, talent_search
from grader.db.queries import now
from grader.db.school import Person
from grader.db.talent import Learner, Organisation
from grader.db.talent_search import SMALL, Found
from grader.errors import BadInput
from grader.web import identity
from grader.web.services import services
from grader.web.talent.countries import country
from grader.web.talent.names import Names

employers = Blueprint("talent", __name__, url_prefix="/talent")
learners = Blueprint("profile", __name__, url_prefix="/record")

PAGE = 20
A_MINUTE = 60
LIMITS = {"search": 1000, "learner": 500, "request": 30, "export": 50}
"""How often an organisation may do what in a day: nobody reads so much, and who copies everything needs more."""
_ID = re.compile(r"[0-9a-f]{32}")
NOBODY = "There is no learner at this address, or they cannot be found any more."


@dataclass(frozen=True)
class Member:
    """Who is asking, for which organisation, and what that calls learners."""

    person: Person
    organisation: Organisation
    names: Names

    @property
    def id(self) -> str:
        return self.organisation.id


def member() -> Member:
    """The signed-in member of an organisation. Other roles get 403; who is in no organisation is led to joining one."""
    person = identity.require_role("employer")
    found = membership(person)
    if found is None:
        abort(redirect(url_for("talent.join_page"), 303))
    return found


def membership(person: Person) -> Member | None:
    """The organisation of a person, if they are in one that is open."""
    with services().database.read() as session:
        organisation = organisations.of_member(session, person.id)
    if organisation is None:
        return None
    return Member(person, organisation, Names(services().settings, organisation.id))


def count(who: Member, what: str) -> None:
    """Count a step of a search. Raises TooManyRequests when a member or the organisation makes too many."""
    for key, limit, seconds in ((f"person:{who.person.id}", A_MINUTE, 60), (f"{what}:{who.id}", LIMITS[what], 86_400)):
        try:
            wait = queue.allow(services().redis, f"talent:{key}", limit, seconds)
        except RedisError:
            return
        if wait:
            span = "a minute" if seconds == 60 else "a day for one organisation"
            raise TooManyRequests(f"That was more than {limit} in {span}. It guards learners' data.", retry_after=wait)


def found_learner(who: Member, name: str) -> Found:
    """The learner whom the organisation calls so; 404 in the same words for unknown, hidden and withdrawn ones."""
    person_id = who.names.person(name) if _ID.fullmatch(name) else ""
    with services().database.read() as session:
        found = talent_search.learner(session, who.id, person_id) if person_id else None
    if found is None:
        abort(404, NOBODY)
    return found


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page."""
    return Response(render_template(template, **values), status, content_type="text/html; charset=utf-8")


@employers.errorhandler(BadInput)
@learners.errorhandler(BadInput)
def refuse(problem: BadInput) -> Response:
    """What a view did not show beside its form: a page of its own, and nothing was changed."""
    return page("talent/refused.html", status=422, problem=problem)


def words() -> dict[str, Callable[..., object]]:
    """Filters for templates."""
    return {"country": country, "available": available, "day": day, "month": month, "about_so_many": about_so_many}


def available(learner: Learner) -> str:
    """When somebody is available, in words."""
    if learner.availability == "now" or (
        learner.availability == "from" and learner.available_from is not None and learner.available_from <= now().date()
    ):
        return "Available now"
    if learner.availability == "from" and learner.available_from is not None:
        return f"Available from {day(learner.available_from)}"
    return "Not looking"


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def month(value: date) -> str:
    return f"{value:%B %Y}"


def about_so_many(number: int) -> str:
    """A count that points at nobody: small ones are not told exactly."""
    return f"fewer than {SMALL}" if number < SMALL else str(number)
