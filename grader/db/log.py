"""The audit log as a list for people: with names instead of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.marking import Audit
from grader.db.school import Course, Person


@dataclass(frozen=True)
class Entry:
    """A row of the log. `who` is None when the system did it; `whom` names the person that it is about."""

    row: Audit
    who: Person | None
    course: Course | None
    whom: Person | None


def entries(
    session: Session, limit: int, *, before: int | None = None, action: str = "", person_id: str = ""
) -> Sequence[Entry]:
    """The newest first, in three queries however many there are.

    Args:
        before: `seq` of the last row of the page before.
        action: only this action, or with a dot at its end, all that begin so (`person.`).
        person_id: only what this person did or what was done to their account.
    """
    query = (
        select(Audit, Person, Course)
        .outerjoin(Person, Person.id == Audit.person_id)
        .outerjoin(Course, Course.id == Audit.course_id)
        .order_by(Audit.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Audit.seq < before)
    if action:
        starts = Audit.action.startswith(action, autoescape=True)
        query = query.where(starts if action.endswith(".") else Audit.action == action)
    if person_id:
        query = query.where((Audit.person_id == person_id) | (Audit.about == f"person:{person_id}"))
    rows = session.execute(query).all()
    ids = {row[0].about.removeprefix("person:") for row in rows if row[0].about.startswith("person:")}
    persons = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [Entry(row, who, course, persons.get(row.about.removeprefix("person:"))) for row, who, course in rows]


def actions(session: Session) -> Sequence[str]:
    """Every action that the log has."""
    return session.scalars(select(Audit.action).distinct().order_by(Audit.action)).all()
