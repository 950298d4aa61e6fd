"""What students see in lists: their courses, assignments with how far they are, what is due, results, leaderboards.

Each function asks a constant number of questions, however long its list.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Row, Select, and_, case, cast, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from grader.db import audit, groups
from grader.db.marking import Grade, Mark
from grader.db.queries import now
from grader.db.school import Assignment, Course, CourseRole, Enrolment, Extension, GroupMember, Person, PublishedSuite
from grader.db.tables import FINAL, State, Submission
from grader.errors import BadInput

MOST_COURSES = 100
MOST_ASSIGNMENTS = 200
ALIAS_LENGTH = 40


@dataclass(frozen=True)
class Entry:
    """An assignment as one student has it. `due_at` is theirs; `state` and `latest_id` are of what they sent last."""

    assignment: Assignment
    course: Course
    max_points: float
    due_at: datetime | None
    extended: bool
    grade: Grade | None
    state: State | None
    latest_id: str | None


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


def of_person(session: Session, person_id: str) -> Sequence[tuple[Course, CourseRole]]:
    """Courses that somebody takes or teaches, newest first; archived ones last."""
    query = (
        select(Course, Enrolment.role)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.person_id == person_id)
        .order_by(Course.archived_at.is_not(None), Course.created_at.desc(), Course.id)
        .limit(MOST_COURSES)
    )
    return [(course, role) for course, role in session.execute(query)]


def assignments(session: Session, course_id: str, person_id: str, at: datetime) -> Sequence[Entry]:
    """The published assignments of a course in their order, as one student has them."""
    query = _entries(person_id).where(Assignment.course_id == course_id, _published(at))
    return _read(session, query.order_by(Assignment.position, Assignment.created_at).limit(MOST_ASSIGNMENTS))


def upcoming(session: Session, person_id: str, at: datetime, limit: int) -> Sequence[Entry]:
    """What a student has to hand in next, over all of their courses, the nearest due date first."""
    taken = select(Enrolment.course_id).where(Enrolment.person_id == person_id, Enrolment.role == "student")
    due = _due()
    query = _entries(person_id).where(
        Assignment.course_id.in_(taken), Course.archived_at.is_(None), _published(at), due > at
    )
    return _read(session, query.order_by(due, Assignment.id).limit(limit))


def entry(session: Session, assignment_id: str, person_id: str) -> Entry:
    """One assignment, which is known to exist, as one student has it."""
    return _read(session, _entries(person_id).where(Assignment.id == assignment_id))[0]


def last_results(session: Session, person_id: str, limit: int) -> Sequence[tuple[Submission, Assignment]]:
    """A student's newest submissions that are done with, their groups' included."""
    mine = select(GroupMember.group_id).where(GroupMember.person_id == person_id)
    mates = select(GroupMember.person_id).where(GroupMember.group_id.in_(mine))
    own = or_(Submission.person_id == person_id, and_(Submission.person_id.in_(mates), Submission.group_id.in_(mine)))
    query = (
        select(Submission, Assignment)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(own, Submission.state.in_(FINAL - {"cancelled"}))
        .order_by(Submission.seq.desc())
        .limit(limit)
    )
    return [(submission, assignment) for submission, assignment in session.execute(query)]


def history(
    session: Session, assignment_id: str, person_id: str, limit: int, before: str | None = None
) -> Sequence[Submission]:
    """What a student or their group sent for an assignment, newest first; `before` is the last id of the page before."""
    group = groups.group_of(session, assignment_id, person_id)
    query = select(Submission).where(groups.work_of(assignment_id, person_id, group.id if group else None))
    if before is not None:
        query = query.where(Submission.seq < select(Submission.seq).where(Submission.id == before).scalar_subquery())
    return session.scalars(query.order_by(Submission.seq.desc()).limit(limit)).all()


def join(session: Session, person: Person, code: str) -> Course:
    """Enrol somebody as a student by a course's code. Who is in the course already stays what they are.

    Raises BadInput: there is no such code.
    """
    wanted = "".join(code.split())
    query = select(Course).where(func.lower(Course.code) == wanted.lower(), Course.archived_at.is_(None))
    course = session.scalar(query.limit(1)) if wanted else None
    if course is None:
        raise BadInput("No course has this code.", where="code", fix="Ask your teacher to show it to you again.")
    if session.get(Enrolment, (course.id, person.id)) is None:
        session.add(Enrolment(course_id=course.id, person_id=person.id, role="student", created_at=now()))
        session.flush()
        after = {"person": person.id, "role": "student", "by": "code"}
        audit.note(session, "enrolment.added", f"course:{course.id}", by=person.id, course_id=course.id, after=after)
    return course


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


def leaderboard(
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


def _entries(person_id: str) -> Select[*tuple[Any, ...]]:
    mine = aliased(GroupMember)
    newest = (
        select(func.max(Submission.seq))
        .where(Submission.assignment_id == Assignment.id, _work(person_id, mine))
        .correlate(Assignment, mine)
        .scalar_subquery()
    )
    return (
        select(
            Assignment,
            Course,
            PublishedSuite.max_points,
            Extension.due_at,
            Grade,
            Submission.state,
            Submission.id,
        )
        .join(Course, Course.id == Assignment.course_id)
        .join(PublishedSuite, PublishedSuite.id == Assignment.suite_id)
        .outerjoin(Extension, and_(Extension.assignment_id == Assignment.id, Extension.person_id == person_id))
        .outerjoin(Grade, and_(Grade.assignment_id == Assignment.id, Grade.person_id == person_id))
        .outerjoin(mine, and_(mine.assignment_id == Assignment.id, mine.person_id == person_id))
        .outerjoin(Submission, Submission.seq == newest)
    )


def _work(person_id: str, mine: type[GroupMember]) -> ColumnElement[bool]:
    """`groups.work_of` where the group is a column of the same query."""
    mates = select(GroupMember.person_id).where(GroupMember.group_id == mine.group_id).correlate(mine)
    alone = and_(mine.group_id.is_(None), Submission.person_id == person_id, Submission.group_id.is_(None))
    return or_(alone, and_(Submission.person_id.in_(mates), Submission.group_id == mine.group_id))


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Entry]:
    return [_entry(row) for row in session.execute(query)]


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    assignment, course, max_points, extension, grade, state, latest_id = row
    extended = assignment.due_at is not None and extension is not None and extension > assignment.due_at
    due_at = extension if extended else assignment.due_at
    return Entry(assignment, course, max_points, due_at, extended, grade, state, latest_id)


def _due() -> ColumnElement[datetime | None]:
    """`rules.effective_due` as SQL."""
    return case((Extension.due_at > Assignment.due_at, Extension.due_at), else_=Assignment.due_at)


def _published(at: datetime) -> ColumnElement[bool]:
    return and_(Assignment.published_at.is_not(None), Assignment.published_at <= at)


def _taken(alias: str) -> BadInput:
    return BadInput(f"Somebody in this course is called {alias} already.", where="alias", fix="Choose another name.")
