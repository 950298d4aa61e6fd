"""A later due date for one student."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db import audit, grades
from grader.db.school import Assignment, Enrolment, Extension
from grader.errors import BadInput

MAX_WHY = 500


def of_assignment(session: Session, assignment_id: str) -> Mapping[str, Extension]:
    """By student's id."""
    query = select(Extension).where(Extension.assignment_id == assignment_id)
    return {row.person_id: row for row in session.scalars(query)}


def grant(
    session: Session, assignment: Assignment, person_id: str, due_at: datetime, *, why: str, by: str | None
) -> Extension:
    """Give a student a later due date, or another one; the grade is settled anew, since less of it may be late now.

    Raises BadInput: the assignment has no due date, this one is not later, the person is no student of the course, or
    there is no reason.
    """
    why = why.strip()
    _check(session, assignment, person_id, due_at, why)
    found = session.get(Extension, (assignment.id, person_id))
    before = {"due_at": found.due_at.isoformat()} if found else None
    values = {"due_at": due_at.astimezone(UTC), "why": why, "granted_by": by, "granted_at": datetime.now(UTC)}
    if found is None:
        found = Extension(assignment_id=assignment.id, person_id=person_id, **values)
        session.add(found)
    else:
        for name, value in values.items():
            setattr(found, name, value)
    session.flush()
    after = {"due_at": found.due_at.isoformat()}
    _note(session, "extension.granted", assignment, person_id, by=by, before=before, after=after, why=why)
    return found


def withdraw(session: Session, assignment: Assignment, person_id: str, *, why: str, by: str | None) -> None:
    """Take an extension back. Raises BadInput when there is none."""
    found = session.get(Extension, (assignment.id, person_id))
    if found is None:
        raise BadInput("This student has no extension.", where="person")
    before = {"due_at": found.due_at.isoformat()}
    session.delete(found)
    session.flush()
    _note(session, "extension.withdrawn", assignment, person_id, by=by, before=before, after=None, why=why)


def _check(session: Session, assignment: Assignment, person_id: str, due_at: datetime, why: str) -> None:
    if assignment.due_at is None:
        raise BadInput("This assignment has no due date to extend.", where="due_at")
    if due_at <= assignment.due_at:
        raise BadInput("This is not later than the due date of everybody.", where="due_at", fix="Give a later one.")
    if not 0 < len(why) <= MAX_WHY:
        raise BadInput("An extension needs a reason of 1 to 500 characters.", where="why", fix="Say why.")
    enrolment = session.get(Enrolment, (assignment.course_id, person_id))
    if enrolment is None or enrolment.role != "student":
        raise BadInput("This is no student of the course.", where="person")


def _note(
    session: Session,
    action: str,
    assignment: Assignment,
    person_id: str,
    *,
    by: str | None,
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
    why: str,
) -> None:
    about = f"extension:{assignment.id}:{person_id}"
    audit.note(session, action, about, by=by, course_id=assignment.course_id, before=before, after=after, why=why)
    reason = f"{action.replace('.', ' ')}: {why}"
    grades.settle(session, assignment.id, person_id, why=reason, by=by)
