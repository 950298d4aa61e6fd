"""Leaderboards: students who want to be on them, under a name of their choice, ranked by points."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Row, Select, and_, cast, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.db.marking import Grade, Mark
from grader.db.school import Assignment, Enrolment
from grader.errors import BadInput

ALIAS_LENGTH = 40


@dataclass(frozen=True)
class Place:
    """A line of a leaderboard. Who has as many points shares the rank."""

    rank: int
    alias: str
    points: float
    mine: bool


@dataclass(frozen=True)
class Board:
    """A page of a leaderboard, the asking student's own line (None when they are not on it), and how many there are."""

    places: Sequence[Place]
    own: Place | None
    total: int


def set_alias(session: Session, course_id: str, person_id: str, alias: str) -> None:
    """Show a student on the course's leaderboards under this name; an empty one takes them off again.

    Raises BadInput: too long, taken, or made of characters that cannot be seen.
    """
    wanted = " ".join(unicodedata.normalize("NFKC", alias).split())
    if len(wanted) > ALIAS_LENGTH:
        raise BadInput(f"The name is longer than {ALIAS_LENGTH} characters.", where="alias", fix="Shorten it.")
    if not wanted.isprintable():
        raise BadInput("The name has characters that cannot be seen.", where="alias", fix="Type it anew.")
    others = (Enrolment.course_id == course_id, Enrolment.person_id != person_id)
    taken = select(Enrolment.person_id).where(*others, func.lower(Enrolment.alias) == wanted.lower()).limit(1)
    try:
        if wanted and session.scalar(taken) is not None:
            raise _taken(wanted)
        mine = and_(Enrolment.course_id == course_id, Enrolment.person_id == person_id)
        session.execute(update(Enrolment).where(mine).values(alias=wanted or None))
        session.flush()
    except IntegrityError as error:
        raise _taken(wanted) from error


def board(
    session: Session,
    assignment: Assignment,
    person_id: str,
    *,
    criteria: Collection[str] | None,
    limit: int,
    after: tuple[int, str] | None = None,
) -> Board:
    """Students of the course who have chosen an alias and have a grade, by points, and by alias where these are equal.

    Args:
        person_id: who asks; their own line is given wherever it stands.
        criteria: count the points of these criteria in the counting attempt; None for the final points of the grade.
        after: rank and alias of the last line of the page before.
    """
    ranked = _ranked(assignment, criteria).subquery()
    rank, alias = ranked.c.rank, ranked.c.alias
    query = select(ranked).order_by(rank, alias).limit(limit)
    if after is not None:
        query = query.where(or_(rank > after[0], and_(rank == after[0], alias > after[1])))
    own = session.execute(select(ranked).where(ranked.c.person_id == person_id)).one_or_none()
    return Board(
        places=[_place(row, person_id) for row in session.execute(query)],
        own=_place(own, person_id) if own is not None else None,
        total=session.scalar(select(func.count()).select_from(ranked)) or 0,
    )


def _ranked(assignment: Assignment, criteria: Collection[str] | None) -> Select[*tuple[Any, ...]]:
    enrolled = and_(
        Enrolment.person_id == Grade.person_id,
        Enrolment.course_id == assignment.course_id,
        Enrolment.role == "student",
        Enrolment.alias.is_not(None),
    )
    total: ColumnElement[float] = Grade.final_points.expression
    if criteria is not None:
        counted = and_(Mark.attempt_id == Grade.attempt_id, Mark.criterion.in_(sorted(criteria)))
        total = func.coalesce(select(func.sum(Mark.points)).where(counted).correlate(Grade).scalar_subquery(), 0.0)
    points = func.round(cast(total, Numeric), 4)  # equal sums of floats may differ in their last bit
    rank = func.rank().over(order_by=points.desc())
    query = select(Grade.person_id, Enrolment.alias, points.label("points"), rank.label("rank"))
    return query.join(Enrolment, enrolled).where(Grade.assignment_id == assignment.id)


def _place(row: Row[*tuple[Any, ...]], person_id: str) -> Place:
    whose, alias, points, rank = row
    return Place(rank=int(rank), alias=alias, points=float(points), mine=whose == person_id)


def _taken(alias: str) -> BadInput:
    return BadInput(f"Somebody in this course is called {alias} already.", where="alias", fix="Choose another name.")
