"""Courses and who is in them. Each function works inside the caller's session."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.queries import new_id, now
from grader.db.school import COURSE_ROLES, Course, CourseRole, Enrolment, Person
from grader.errors import BadInput

TITLE_LENGTH = 200
CODE_LENGTH = 10
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of codes: none that is taken for another when read aloud or from a board."""


@dataclass(frozen=True)
class CourseRow:
    """A course as lists show it."""

    course: Course
    students: int
    instructors: int


def add(session: Session, title: str, *, by: str) -> Course:
    """A new course with nobody in it. Raises BadInput for a title that is none."""
    course = Course(id=new_id(), title=clean_title(title), created_at=now())
    session.add(course)
    session.flush()
    _note(session, "course.added", course, by, after={"title": course.title})
    return course


def rename(session: Session, course_id: str, title: str, *, by: str) -> Course:
    """Raises BadInput for a title that is none."""
    course = session.get_one(Course, course_id)
    before, course.title = course.title, clean_title(title)
    if before != course.title:
        _note(session, "course.renamed", course, by, before={"title": before}, after={"title": course.title})
    return course


def set_archived(session: Session, course_id: str, *, archived: bool, by: str) -> Course:
    """Close a course for handing in and joining, or open it again; everything in it stays readable."""
    course = session.get_one(Course, course_id)
    if (course.archived_at is not None) != archived:
        course.archived_at = now() if archived else None
        _note(session, "course.archived" if archived else "course.reopened", course, by)
    return course


def set_code(session: Session, course_id: str, *, on: bool, by: str) -> Course:
    """A fresh code to join by, or none; an older one is worth nothing from then on."""
    course = session.get_one(Course, course_id)
    course.code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) if on else None
    _note(session, "code.made" if on else "code.removed", course, by)
    return course


def join(session: Session, code: str, person_id: str) -> Course:
    """Enrol as a student by code, however it is written. Raises BadInput when no course has it."""
    plain = "".join(code.upper().split()).replace("-", "")[:40]
    course = session.scalar(select(Course).where(Course.code == plain, Course.archived_at.is_(None))) if plain else None
    if course is None:
        raise BadInput("No course has this code.", where="code", fix="Ask your instructor for the one in use now.")
    if session.get(Enrolment, (course.id, person_id)) is None:
        enrol(session, course.id, person_id, "student", by=person_id, why="by code")
    return course


def enrol(
    session: Session, course_id: str, person_id: str, role: CourseRole, *, by: str | None, why: str = ""
) -> Enrolment:
    """Put somebody into a course, or change what they are there."""
    row = session.get(Enrolment, (course_id, person_id))
    before = {"role": row.role} if row is not None else None
    if row is None:
        row = Enrolment(course_id=course_id, person_id=person_id, role=role, created_at=now())
        session.add(row)
    elif row.role == role:
        return row
    row.role = role
    session.flush()
    about = f"person:{person_id}"
    audit.note(session, "enrolled", about, by=by, course_id=course_id, before=before, after={"role": role}, why=why)
    return row


def set_course_role(session: Session, course_id: str, person_id: str, role: str, *, by: str) -> None:
    """Raises BadInput: an unknown role, or somebody who is not in the course."""
    if role not in COURSE_ROLES:
        raise BadInput(
            f"There is no role “{role[:40]}” in a course.", where="role", fix="Choose student or instructor."
        )
    if session.get(Enrolment, (course_id, person_id)) is None:
        raise BadInput("This person is not in the course.", where="person", fix="Load the page again.")
    enrol(session, course_id, person_id, role, by=by)


def remove(session: Session, course_id: str, person_id: str, *, by: str) -> None:
    """Take somebody out of a course; what they handed in stays. Nothing happens when they are not in it."""
    row = session.get(Enrolment, (course_id, person_id))
    if row is not None:
        session.delete(row)
        before = {"role": row.role}
        audit.note(session, "unenrolled", f"person:{person_id}", by=by, course_id=course_id, before=before)


def all_courses(session: Session, limit: int, after: str | None = None) -> Sequence[CourseRow]:
    """Courses, newest first, with how many are in them; `after` is the id of the last one of the page before."""
    query = select(Course).order_by(Course.created_at.desc(), Course.id).limit(limit)
    if after is not None and (last := session.get(Course, after)) is not None:
        later = and_(Course.created_at == last.created_at, Course.id > last.id)
        query = query.where(or_(Course.created_at < last.created_at, later))
    rows = session.scalars(query).all()
    counts = session.execute(
        select(Enrolment.course_id, Enrolment.role, func.count())
        .where(Enrolment.course_id.in_([course.id for course in rows]))
        .group_by(Enrolment.course_id, Enrolment.role)
    ).all()
    known = {(course_id, role): count for course_id, role, count in counts}
    return [CourseRow(row, known.get((row.id, "student"), 0), known.get((row.id, "instructor"), 0)) for row in rows]


def members(
    session: Session, course_id: str, limit: int, after: str | None = None
) -> Sequence[tuple[Person, Enrolment]]:
    """Who is in a course, by address; `after` is the last address of the page before."""
    query = (
        select(Person, Enrolment)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id)
        .order_by(Person.email)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Person.email > after)
    return [(row[0], row[1]) for row in session.execute(query)]


def clean_title(text: str) -> str:
    """A title on one line. Raises BadInput."""
    title = " ".join(text.split())
    if not title or len(title) > TITLE_LENGTH or not title.isprintable():
        raise BadInput(f"A title has 1 to {TITLE_LENGTH} characters that can be seen.", where="title", fix="Change it.")
    return title


def _note(
    session: Session,
    action: str,
    course: Course,
    by: str,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    audit.note(session, action, f"course:{course.id}", by=by, course_id=course.id, before=before, after=after)
