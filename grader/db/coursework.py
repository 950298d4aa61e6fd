"""What students see in lists: their courses, assignments with how far they are, what is due, results.

Each function asks a constant number of questions, however long its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from grader.db import groups
from grader.db.marking import Grade
from grader.db.school import Assignment, Course, CourseRole, Enrolment, Extension, GroupMember, PublishedSuite
from grader.db.tables import FINAL, State, Submission

MOST_COURSES = 100
MOST_ASSIGNMENTS = 200
OVERDUE = timedelta(days=14)
"""How long something missed is still shown as due."""


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
class Result:
    """A submission that is done with. `grade` is what it gives its student; None when another one counts."""

    submission: Submission
    assignment: Assignment
    grade: Grade | None

    @property
    def points(self) -> float | None:
        """Of the grade where there is one, which has people's marks, too."""
        return self.grade.points if self.grade is not None else self.submission.points


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
    """What a student has to hand in next, over all of their courses, the nearest due date first.

    What was due in the last `OVERDUE` and is not handed in comes before that, as long as it is still taken.
    """
    taken = select(Enrolment.course_id).where(Enrolment.person_id == person_id, Enrolment.role == "student")
    due = _due()
    takes = or_(Assignment.closes_at.is_(None), Assignment.closes_at > at, due > at)
    missed = and_(due > at - OVERDUE, Submission.id.is_(None), takes)
    query = _entries(person_id).where(
        Assignment.course_id.in_(taken), Course.archived_at.is_(None), _published(at), or_(due > at, missed)
    )
    return _read(session, query.order_by(due, Assignment.id).limit(limit))


def entry(session: Session, assignment_id: str, person_id: str) -> Entry:
    """One assignment, which is known to exist, as one student has it."""
    return _read(session, _entries(person_id).where(Assignment.id == assignment_id))[0]


def last_results(session: Session, person_id: str, limit: int) -> Sequence[Result]:
    """A student's newest submissions that are done with, their groups' included."""
    mine = select(GroupMember.group_id).where(GroupMember.person_id == person_id)
    mates = select(GroupMember.person_id).where(GroupMember.group_id.in_(mine))
    own = or_(Submission.person_id == person_id, and_(Submission.person_id.in_(mates), Submission.group_id.in_(mine)))
    query = (
        select(Submission, Assignment, Grade)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(Grade, and_(Grade.submission_id == Submission.id, Grade.person_id == person_id))
        .where(own, Submission.state.in_(FINAL - {"cancelled"}))
        .order_by(Submission.seq.desc())
        .limit(limit)
    )
    return [Result(submission, assignment, grade) for submission, assignment, grade in session.execute(query)]


def history(
    session: Session, assignment_id: str, person_id: str, limit: int, before: str | None = None
) -> Sequence[Submission]:
    """What a student (or group) sent for an assignment, newest first; `before` is the last id of the page before."""
    group = groups.group_of(session, assignment_id, person_id)
    query = select(Submission).where(groups.work_of(assignment_id, person_id, group.id if group else None))
    if before is not None:
        query = query.where(Submission.seq < select(Submission.seq).where(Submission.id == before).scalar_subquery())
    return session.scalars(query.order_by(Submission.seq.desc()).limit(limit)).all()


def graded_before(session: Session, submission: Submission) -> str | None:
    """Id of the last graded submission before this one, of the same student or group and assignment."""
    if submission.assignment_id is None or submission.person_id is None:
        return None
    work = groups.work_of(submission.assignment_id, submission.person_id, submission.group_id)
    query = select(Submission.id).where(work, Submission.seq < submission.seq, Submission.state == "graded")
    return session.scalar(query.order_by(Submission.seq.desc()).limit(1))


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
