"""The search of employers: which skills, how good, how fresh, where, from when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from grader.db import organisations, shortlists, talent_contacts, talent_search
from grader.db.queries import now
from grader.db.talent import AT_ONCE, Skill
from grader.db.talent_search import MOST_SKILLS, Finder, Place, Search, Wanted
from grader.errors import BadInput
from grader.web import identity
from grader.web.services import services
from grader.web.talent.blueprint import PAGE, count, employers, member, membership, page
from grader.web.talent.countries import countries

MONTHS = (3, 6, 12, 24)
SOON = 90
"""Days from now that `soon` means."""
AVAILABLE = {"": "at any time, or not looking", "now": "now", "soon": "within three months"}
_ROWS = 3


@dataclass(frozen=True)
class Asked:
    """What the form asks for."""

    skills: Sequence[Wanted] = ()
    country: str = ""
    available: str = ""
    months: int = 0
    current: bool = False

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """For an address of the same search."""
        found = [pair for one in self.skills for pair in (("skill", str(one.skill_id)), ("level", str(one.rank)))]
        rest = {"country": self.country, "available": self.available, "months": str(self.months or "")}
        return [*found, *((key, value) for key, value in rest.items() if value), *([("current", "1")] * self.current)]

    def address(self, **more: str) -> str:
        """The page of this search, with one thing changed or added."""
        arguments: MultiDict[str, str] = MultiDict(self.arguments)
        for key, value in more.items():
            arguments.setlist(key, [value] if value else [])
        return url_for("talent.search_page", **arguments.to_dict(flat=False))  # type: ignore[arg-type]

    def search(self, organisation_id: str) -> Search:
        """As the database is asked."""
        today = now().date()
        by = {"now": today, "soon": today + timedelta(days=SOON)}.get(self.available)
        since = months_ago(today, self.months) if self.months else None
        return Search(organisation_id, self.skills, since, self.current, self.country or None, by)


@employers.get("")
def search_page() -> Response:
    """The form, and below it a page of those who were found."""
    who = member()
    with services().database.read() as session:
        known = talent_search.catalogue(session)
    values: dict[str, Any] = {
        "who": who,
        "skills": known,
        "ranks": ranks(known),
        "rows": _ROWS,
        "countries": countries(),
    }
    try:
        asked = read(request.args, known)
        after = _after(who.names.place, request.args.get("after", ""))
    except BadInput as problem:
        return page("talent/search.html", status=422, asked=Asked(), problem=problem, result=None, **values, **_CHOICES)
    if not asked.skills:
        return page("talent/search.html", asked=asked, result=None, problem=None, **values, **_CHOICES)
    count(who, "search")
    with services().database.read() as session:
        finder = Finder(session, asked.search(who.id))
        counts = finder.counts() if after is None else None
        result = finder.page(PAGE, after)
        seqs = [one.learner.seq for one in result.found]
        states = talent_contacts.states(session, who.id, seqs)
        listed = shortlists.names(session, who.id, seqs)
    more = asked.address(after=who.names.mark(result.more)) if result.more is not None else None
    return page(
        "talent/search.html", asked=asked, result=result, counts=counts, more=more, first=after is None, problem=None,
        states=states, listed=listed, **values, **_CHOICES,
    )  # fmt: skip


@employers.get("/join")
def join_page() -> Response:
    """What somebody sees who is in no organisation: an invitation to take, or how to get one."""
    person = identity.require_role("employer")
    if membership(person) is not None:
        return redirect(url_for("talent.search_page"), 303)
    with services().database.read() as session:
        organisation = organisations.invitation(session, person.email)
    return page("talent/join.html", organisation=organisation)


@employers.post("/join")
def join() -> Response:
    person = identity.require_role("employer")
    with services().database.write() as session:
        organisation = organisations.join(session, person)
    flash(f"You are a member of {organisation.name}.", "good")
    return redirect(url_for("talent.search_page"), 303)


def read(arguments: MultiDict[str, str], known: Sequence[Skill]) -> Asked:
    """What the address of a search says. Raises BadInput for what the form cannot send."""
    ids = {str(skill.id): skill for skill in known}
    levels = [*arguments.getlist("level"), *[""] * 50]
    wanted: dict[int, Wanted] = {}
    for text, level in zip(arguments.getlist("skill")[:50], levels, strict=False):
        if not text:
            continue
        if text not in ids:
            raise BadInput("Nobody has this skill yet.", where="skill", fix="Choose one from the list.")
        one = Wanted(ids[text].id, _whole(level, "level", range(21)))
        best = max(one.rank, wanted.get(one.skill_id, one).rank)
        wanted[one.skill_id] = replace(one, rank=best)
    if len(wanted) > MOST_SKILLS:
        raise BadInput(f"More than {MOST_SKILLS} skills.", where="skill", fix="Leave the least important ones out.")
    country, available = arguments.get("country", ""), arguments.get("available", "")
    if country and country not in countries():
        raise BadInput("There is no such country.", where="country", fix="Choose one from the list.")
    if available not in AVAILABLE:
        raise BadInput("There is no such choice.", where="available", fix="Choose one from the list.")
    months = _whole(arguments.get("months", ""), "months", (0, *MONTHS))
    return Asked(tuple(wanted.values()), country, available, months, arguments.get("current", "") == "1")


def ranks(known: Sequence[Skill]) -> list[str]:
    """What the levels of each rank are called, the lowest first; more than one name where skills differ."""
    most = max((len(skill.levels) for skill in known), default=0)
    named = ([skill.levels[rank] for skill in known if rank < len(skill.levels)] for rank in range(most))
    return [" / ".join(list(dict.fromkeys(names))[:3]) for names in named]


def months_ago(day: date, months: int) -> date:
    """The same day so many months before, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return max(date(year, month + 1, min(day.day, last)), AT_ONCE)


def _after(place: Callable[[str], Place | None], mark: str) -> Place | None:
    if not mark:
        return None
    found = place(mark) if len(mark) <= 500 else None
    if found is None:
        raise BadInput("There is no such page.", where="after", fix="Begin at the first one.")
    return found


def _whole(text: str, name: str, allowed: Sequence[int]) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 4) or int(text) not in allowed:
        raise BadInput("There is no such choice.", where=name, fix="Choose one from the list.")
    return int(text)


_CHOICES: Mapping[str, Any] = {"months": MONTHS, "available_words": AVAILABLE, "most": MOST_SKILLS}
