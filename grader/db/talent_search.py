"""Employers' search over the skills of learners who consented. A page costs the same however deep it is.

The first skill that is asked for leads: the best level of it comes first, and of equal levels the most recent. That
order is an index's, so a page is read where the one before ended. Is another skill rare, the search begins with the
few who have that one instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    func,
    literal,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from grader.db.school import Person
from grader.db.talent import Block, Evidence, Learner, LearnerSkill, Skill

FEW = 1000
"""So many who have a skill are gone through one by one, and counted; of more, only what a page shows is read."""
SMALL = 5
"""Counts below this are not told: they would point at people."""
MOST_SKILLS = 5

_ONE_BY_ONE = (
    "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
"""PostgreSQL, for this transaction: look up each learner's other skills, since few are looked at. It would rather read
everybody who has a common skill, because it takes a rare one for an average one."""

_ROWS = cast(Table, LearnerSkill.__table__)


@dataclass(frozen=True)
class Wanted:
    """A skill, and the least rank of its level; 0 for any."""

    skill_id: int
    rank: int = 0


@dataclass(frozen=True)
class Search:
    """What an organisation looks for. All of it must hold, freshness for every skill."""

    organisation_id: str
    skills: Sequence[Wanted]
    """Different ones, at least one."""
    since: date | None = None
    """Shown on this day or later."""
    current: bool = False
    """Shown with the newest version of its rubric."""
    country: str | None = None
    available_by: date | None = None


class Place(NamedTuple):
    """Where a page ends: what its last learner has of the leading skill."""

    rank: int
    achieved_on: date
    learner_seq: int


@dataclass(frozen=True)
class Proven:
    """A skill of a learner. `evidence` is there for the skills that were asked for, and on a learner's own page."""

    skill: Skill
    rank: int
    achieved_on: date
    current: bool
    evidence: Evidence | None = None

    @property
    def level(self) -> str | None:
        """Its name; None below the lowest level."""
        if self.evidence is not None:
            return self.evidence.level
        return self.skill.levels[self.rank - 1] if 0 < self.rank <= len(self.skill.levels) else None


@dataclass(frozen=True)
class Found:
    """A learner as an organisation may see them: without name and address."""

    learner: Learner
    skills: Sequence[Proven]
    """Those that were asked for first, in that order; then the best."""


@dataclass(frozen=True)
class Page:
    """Learners of a search, and where the next page begins, if there is one."""

    found: Sequence[Found]
    more: Place | None


@dataclass(frozen=True)
class Counts:
    """How many were found. None where counting would take long."""

    total: int | None = None
    countries: Mapping[str, int] = field(default_factory=dict)


def catalogue(session: Session) -> Sequence[Skill]:
    """The skills that at least one learner can be found by, by name."""
    shown = exists().where(LearnerSkill.skill_id == Skill.id, LearnerSkill.listed)
    return session.scalars(select(Skill).where(shown).order_by(func.lower(Skill.name), Skill.id)).all()


class Finder:
    """One search in one session; it looks once which skill is the rarest."""

    def __init__(self, session: Session, wanted: Search) -> None:
        self.session = session
        self.wanted = wanted
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(_ONE_BY_ONE))

    def page(self, limit: int, after: Place | None = None) -> Page:
        """Learners, the best match first; `after` is where the page before ended. A fixed number of queries."""
        places = self.places(limit + 1, after)
        found = _described(self.session, places[:limit], [one.skill_id for one in self.wanted.skills])
        return Page(found, places[limit - 1] if len(places) > limit else None)

    def places(self, limit: int, after: Place | None = None) -> list[Place]:
        """The learners of a page in their order, by what they are ordered by."""
        query, columns = self._ordered()
        if after is not None:
            end = tuple_(literal(after.rank), literal(after.achieved_on), literal(after.learner_seq))
            query = query.where(tuple_(*columns) < end)
        rows = self.session.execute(query.order_by(*(column.desc() for column in columns)).limit(limit))
        return [Place(*row) for row in rows]

    def counts(self) -> Counts:
        """How many there are, and where: only if a skill is rare enough to go through everybody who has it."""
        rarest, number = self._rarest
        if number > FEW:
            return Counts()
        row = _ROWS.alias()
        numbers = Counter(self.session.scalars(self._everything(row, rarest).with_only_columns(row.c.country)))
        return Counts(numbers.total(), {code: number for code, number in numbers.most_common() if code})

    @cached_property
    def _rarest(self) -> tuple[Wanted, int]:
        """The skill that the fewest have in the country, and how many they are; `FEW` + 1 stands for any more."""
        skills, row = self.wanted.skills, _ROWS.alias()
        # Only by what an index begins with: what is filtered besides could make it look at very many.
        there = [row.c.country == self.wanted.country] if self.wanted.country is not None else []
        some = [
            select(literal(place).label("place"), func.count().label("number")).select_from(
                select(row.c.learner_seq)
                .where(row.c.skill_id == one.skill_id, row.c.rank >= one.rank, row.c.listed, *there)
                .order_by(row.c.rank)  # the index's order, so that it is the index that is read
                .limit(FEW + 1)
                .subquery()
            )
            for place, one in enumerate(skills)
        ]
        place, number = min(self.session.execute(union_all(*some)), key=lambda found: (found[1], found[0]))
        # When all are common, the search begins with the one that leads, in the order of its index.
        return (skills[place], number) if number <= FEW else (skills[0], FEW + 1)

    def _ordered(self) -> tuple[Select[Any], list[Any]]:
        """The search without an order, and what it is ordered by."""
        lead, (rarest, _) = self.wanted.skills[0], self._rarest
        row = _ROWS.alias()
        everything = self._everything(row, rarest)
        if rarest == lead:
            columns: list[Any] = [row.c.rank, row.c.achieved_on, row.c.learner_seq]
            return everything.with_only_columns(*columns), columns
        # What leads is looked up for each of the few: as a join, a database could still begin at its wrong end.
        inner = everything.with_only_columns(
            _value(row, lead, "rank"), _value(row, lead, "achieved_on"), row.c.learner_seq.label("learner_seq")
        ).subquery()
        columns = [inner.c.rank, inner.c.achieved_on, inner.c.learner_seq]
        return select(*columns), columns

    def _everything(self, row: FromClause, driver: Wanted) -> Select[Any]:
        """Ids of learners with all that is wanted, beginning with the rows of one of the skills."""
        others = (
            exists().where(other.c.learner_seq == row.c.learner_seq, *self._holds(other, one))
            for one in self.wanted.skills
            if one != driver
            for other in [_ROWS.alias()]
        )
        where = (*self._holds(row, driver), *self._filters(row), *others)
        return select(row.c.learner_seq).where(*where, not_blocked(row.c.learner_seq, self.wanted.organisation_id))

    def _holds(self, row: FromClause, one: Wanted) -> list[ColumnElement[bool]]:
        """Whether a row is of this skill, good enough and fresh enough."""
        found: list[ColumnElement[bool]] = [row.c.skill_id == one.skill_id, row.c.rank >= one.rank, row.c.listed]
        if self.wanted.since is not None:
            found.append(row.c.achieved_on >= self.wanted.since)
        if self.wanted.current:
            found.append(row.c.current)
        return found

    def _filters(self, row: FromClause) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.wanted.country is not None:
            found.append(row.c.country == self.wanted.country)
        if self.wanted.available_by is not None:
            found.append(row.c.available_on <= self.wanted.available_by)
        return found


def learner(session: Session, organisation_id: str, person_id: str) -> Found | None:
    """One learner with all skills and what proves them, if this organisation may see them now."""
    query = select(Learner).join(Person, Person.id == Learner.person_id)
    row = session.scalar(query.where(Learner.person_id == person_id, visible(organisation_id)))
    return proven(session, row) if row is not None else None


def visible(organisation_id: str) -> ColumnElement[bool]:
    """Whether an organisation may see a `Learner`, whose `Person` is joined."""
    return and_(
        Learner.found_since.is_not(None), Person.disabled_at.is_(None), not_blocked(Learner.seq, organisation_id)
    )


def not_blocked(learner_seq: Any, organisation_id: str) -> ColumnElement[bool]:
    """Whether a learner does not hide from an organisation."""
    return ~exists().where(Block.learner_seq == learner_seq, Block.organisation_id == organisation_id)


def proven(session: Session, row: Learner) -> Found:
    """A learner with all skills and what proves them, the best first."""
    return described(session, [row])[0]


def described(session: Session, learners: Sequence[Learner], first: Sequence[int] | None = None) -> list[Found]:
    """Learners with their skills, in three queries however many there are.

    Args:
        first: ids of skills that come first, and whose evidence is wanted; None for the evidence of all.
    """
    ids = [row.seq for row in learners]
    query = select(Evidence).where(Evidence.learner_seq.in_(ids))
    if first is not None:
        query = query.where(Evidence.skill_id.in_(first))
    evidence = {(one.learner_seq, one.skill_id): one for one in session.scalars(query)}
    columns = (_ROWS.c.learner_seq, _ROWS.c.skill_id, _ROWS.c.rank, _ROWS.c.achieved_on, _ROWS.c.current)
    rows = session.execute(select(*columns).where(_ROWS.c.learner_seq.in_(ids))).all()
    skills = {one.id: one for one in session.scalars(select(Skill).where(Skill.id.in_({row[1] for row in rows})))}
    order = {skill_id: place for place, skill_id in enumerate(first or ())}
    found: defaultdict[int, list[Proven]] = defaultdict(list)
    for seq, skill_id, rank, day, current in rows:
        found[seq].append(Proven(skills[skill_id], rank, day, current, evidence.get((seq, skill_id))))

    def place(one: Proven) -> tuple[int, int, float, str]:
        share = one.evidence.share if one.evidence is not None else 0.0
        return order.get(one.skill.id, len(order)), -one.rank, -share, one.skill.name

    return [Found(row, sorted(found[row.seq], key=place)) for row in learners]


def _described(session: Session, places: Sequence[Place], first: Sequence[int]) -> list[Found]:
    query = select(Learner).join(Person, Person.id == Learner.person_id)
    shown = query.where(
        Learner.seq.in_([place.learner_seq for place in places]),
        Learner.found_since.is_not(None),
        Person.disabled_at.is_(None),
    )
    rows = {row.seq: row for row in session.scalars(shown)}
    return described(session, [rows[place.learner_seq] for place in places if place.learner_seq in rows], first)


def _value(row: FromClause, lead: Wanted, name: str) -> ColumnElement[Any]:
    other = _ROWS.alias()
    value = select(other.c[name]).where(other.c.learner_seq == row.c.learner_seq, other.c.skill_id == lead.skill_id)
    return value.scalar_subquery().label(name)
