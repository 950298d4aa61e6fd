"""The grades of an assignment or a course, student by student, read in pages so that a class of any size fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from grader.db.marking import Grade, Mark, Review
from grader.db.school import Assignment, Enrolment, Group, GroupMember, Person
from grader.db.tables import Submission

PAGE = 500


class Reads(Protocol):
    """What a `grader.db.Database` offers here."""

    def read(self) -> AbstractContextManager[Session]:
        """A session for reading."""


@dataclass(frozen=True)
class Entry:
    """One student of a course in one assignment. `grade` is None for who has none."""

    person: Person
    group: str | None
    grade: Grade | None
    submission: Submission | None
    marks: Mapping[str, float] = field(default_factory=dict)
    """Points of the counting attempt by criterion, people's marks among them; a criterion that waits is left out."""


def entries(database: Reads, assignment: Assignment, *, page: int = PAGE, after: str = "") -> Iterator[Entry]:
    """Every student of the course, and whoever has a grade without being one any more, in the order of their ids.

    `after` is the id of the last one that is known already.

    Each page is a few queries in a session of its own, so an export of a large class holds neither its rows in memory
    nor a transaction open while a slow reader reads.
    """
    while True:
        with database.read() as session:
            rows = _page(session, assignment, after, page)
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1].person.id
        del rows  # before the next page is there


@dataclass(frozen=True)
class Line:
    """One student of a course with their grades by assignment id."""

    person: Person
    grades: Mapping[str, Grade]


def lines(database: Reads, course_id: str, *, page: int = PAGE) -> Iterator[Line]:
    """Every student of a course with the grades in all of its assignments, in the order of their ids."""
    after = ""
    while True:
        with database.read() as session:
            query = (
                select(Person)
                .join(Enrolment, Enrolment.person_id == Person.id)
                .where(Enrolment.course_id == course_id, Enrolment.role == "student", Person.id > after)
                .order_by(Person.id)
                .limit(page)
            )
            people = session.scalars(query).all()
            grades = _grades(session, course_id, [person.id for person in people])
        yield from (Line(person, grades.get(person.id, {})) for person in people)
        if len(people) < page:
            return
        after = people[-1].id
        del people, grades  # before the next page is there


def _grades(session: Session, course_id: str, people: Sequence[str]) -> Mapping[str, dict[str, Grade]]:
    found: dict[str, dict[str, Grade]] = defaultdict(dict)
    query = (
        select(Grade)
        .join(Assignment, Assignment.id == Grade.assignment_id)
        .where(Assignment.course_id == course_id, Grade.person_id.in_(people))
    )
    for grade in session.scalars(query):
        found[grade.person_id][grade.assignment_id] = grade
    return found


def _page(session: Session, assignment: Assignment, after: str, page: int) -> list[Entry]:
    enrolled = and_(Enrolment.course_id == assignment.course_id, Enrolment.person_id == Person.id)
    query = (
        select(Person, Group.name, Grade, Submission)
        .outerjoin(Enrolment, enrolled)
        .outerjoin(Grade, and_(Grade.assignment_id == assignment.id, Grade.person_id == Person.id))
        .outerjoin(Submission, Submission.id == Grade.submission_id)
        .outerjoin(GroupMember, and_(GroupMember.assignment_id == assignment.id, GroupMember.person_id == Person.id))
        .outerjoin(Group, Group.id == GroupMember.group_id)
        .where((Enrolment.role == "student") | Grade.person_id.is_not(None), Person.id > after)
        .order_by(Person.id)
        .limit(page)
    )
    rows: Sequence[tuple[Person, str | None, Grade | None, Submission | None]] = session.execute(query).all()
    marks = _marks(session, [grade for _, _, grade, _ in rows if grade is not None])
    return [
        Entry(person, group, grade, submission, marks.get(grade.attempt_id, {}) if grade is not None else {})
        for person, group, grade, submission in rows
    ]


def _marks(session: Session, grades: Sequence[Grade]) -> Mapping[str, dict[str, float]]:
    """Points by attempt and criterion, with people's marks in place of what waited for them."""
    attempts = {grade.attempt_id: grade.submission_id for grade in grades}
    found: dict[str, dict[str, float]] = defaultdict(dict)
    waits: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mark in session.scalars(select(Mark).where(Mark.attempt_id.in_(attempts))):
        if mark.status == "pending":
            waits[attempts[mark.attempt_id], mark.criterion].append(mark.attempt_id)
        else:
            found[mark.attempt_id][mark.criterion] = mark.points
    given = select(Review).where(
        tuple_(Review.submission_id, Review.criterion).in_(list(waits)), Review.replaced_at.is_(None)
    )
    for review in session.scalars(given) if waits else ():
        for attempt_id in waits[review.submission_id, review.criterion]:
            found[attempt_id][review.criterion] = review.points
    return found
