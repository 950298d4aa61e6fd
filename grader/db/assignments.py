"""Assignments as their teachers set them: made, changed, published, and moved to another suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db import audit, grades, queries
from grader.db.marking import Grade
from grader.db.school import (
    Assignment,
    Counts,
    Course,
    Enrolment,
    Extension,
    GroupMember,
    Period,
    Person,
    PublishedSuite,
)
from grader.db.tables import Submission
from grader.errors import BadInput

_SETTLING = ("due_at", "penalty", "grace_days", "counts")
"""A change of these can change grades."""
TWICE = timedelta(minutes=1)


@dataclass(frozen=True)
class Rules:
    """What a teacher decides about an assignment; the columns of the same names say what each means."""

    title: str
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    penalty: float = 0.0
    grace_days: int = 0
    attempts: int | None = None
    attempts_per: Period | None = None
    group_size: int = 1
    counts: Counts = "best"
    leaderboard: bool = False


@dataclass(frozen=True)
class Card:
    """An assignment in a list, with numbers of submissions and of people."""

    assignment: Assignment
    suite: PublishedSuite
    submissions: int
    graded: int
    waiting: int
    """Counting submissions that a person must mark."""


def rules_of(assignment: Assignment) -> Rules:
    return Rules(**{name: getattr(assignment, name) for name in Rules.__dataclass_fields__})


def check(rules: Rules) -> None:
    """Raises BadInput when the rules contradict each other or are out of bounds."""
    if not 1 <= len(rules.title) <= 200 or not rules.title.isprintable():
        raise BadInput("A title has 1 to 200 characters that can be seen.", where="title", fix="Change it.")
    if rules.opens_at and rules.due_at and rules.opens_at >= rules.due_at:
        raise BadInput("It would be due before it opens.", where="due_at", fix="Set a later due date.")
    if rules.due_at and rules.closes_at and rules.closes_at < rules.due_at:
        raise BadInput("It would close before it is due.", where="closes_at", fix="Close it later, or leave it empty.")
    if rules.opens_at and rules.closes_at and rules.opens_at >= rules.closes_at:
        raise BadInput("It would close before it opens.", where="closes_at", fix="Close it later, or leave it empty.")
    bounds = (
        ("penalty", rules.penalty, 0, 100), ("grace_days", rules.grace_days, 0, 365),
        ("attempts", rules.attempts, 1, 10_000), ("group_size", rules.group_size, 1, 20),
    )  # fmt: skip
    for name, value, least, most in bounds:
        if value is not None and not least <= value <= most:
            raise BadInput(f"This is not between {least} and {most}.", where=name, fix="Write another number.")


def create(session: Session, suite: PublishedSuite, rules: Rules, *, by: str) -> Assignment:
    """A new assignment of the suite's course, last in its list; students do not see it yet.

    The same once more within `TWICE` is a double click and finds the one that is there. Raises BadInput.
    """
    check(rules)
    session.execute(select(Course.id).where(Course.id == suite.course_id).with_for_update())
    if (found := _just_made(session, suite, rules)) is not None:
        return found
    last = select(func.max(Assignment.position)).where(Assignment.course_id == suite.course_id)
    row = Assignment(
        id=queries.new_id(),
        course_id=suite.course_id,
        suite_id=suite.id,
        position=(session.scalar(last) or 0) + 1,
        created_at=queries.now(),
        **asdict(rules),
    )
    session.add(row)
    session.flush()
    _note(session, "assignment.created", row, by=by, after=_json(rules))
    return row


def change(session: Session, assignment_id: str, rules: Rules, *, by: str) -> int:
    """Set the rules anew and settle the grades that they decide; returns how many grades changed. Raises BadInput."""
    check(rules)
    row = _held(session, assignment_id)
    old = rules_of(row)
    if old == rules:
        return 0
    if rules.group_size < old.group_size and _largest_group(session, assignment_id) > rules.group_size:
        raise BadInput("There are larger groups already.", where="group_size", fix="Leave the size as it is.")
    for name, value in asdict(rules).items():
        setattr(row, name, value)
    session.flush()
    changed = {name for name in Rules.__dataclass_fields__ if getattr(old, name) != getattr(rules, name)}
    before, after = ({name: value for name, value in _json(each).items() if name in changed} for each in (old, rules))
    _note(session, "assignment.changed", row, by=by, before=before, after=after)
    if not changed & set(_SETTLING):
        return 0
    return _settle(session, assignment_id, f"The rules of “{row.title}” were changed", by=by)


def publish(session: Session, assignment_id: str, *, by: str, published: bool) -> Assignment:
    """Show an assignment to the students of its course, or hide it again; what was handed in stays."""
    row = _held(session, assignment_id)
    if (row.published_at is not None) != published:
        row.published_at = queries.now() if published else None
        _note(session, "assignment.published" if published else "assignment.hidden", row, by=by)
        session.flush()
    return row


def use_suite(session: Session, assignment_id: str, suite: PublishedSuite, *, by: str) -> None:
    """Let another suite of the course judge. Raises BadInput once there are grades: then only a regrade can."""
    row = _held(session, assignment_id)
    if suite.course_id != row.course_id:
        raise BadInput("This suite is not of this course.", where="suite", fix="Publish it here first.")
    if session.scalar(select(Grade.person_id).where(Grade.assignment_id == assignment_id).limit(1)) is not None:
        raise BadInput(
            "There are grades by another version already.", where="suite", fix="Try the new one as a regrade."
        )
    if row.suite_id != suite.id:
        before, row.suite_id = row.suite_id, suite.id
        _note(session, "assignment.suite", row, by=by, before={"suite": before}, after={"suite": suite.id})
        session.flush()


def extensions(session: Session, assignment_id: str) -> Sequence[tuple[Extension, Person]]:
    """Later dates of an assignment with whose they are, by name."""
    query = select(Extension, Person).join(Person, Person.id == Extension.person_id)
    query = query.where(Extension.assignment_id == assignment_id)
    return session.execute(query.order_by(Person.name, Person.id)).all()


def student_by_mail(session: Session, course_id: str, email: str) -> Person | None:
    """A student of the course by e-mail address."""
    query = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
    own = (Enrolment.course_id == course_id, Enrolment.role == "student", Person.email == email.strip().casefold())
    return session.scalar(query.where(*own))


def students(session: Session, course_id: str, limit: int = 1000) -> Sequence[Person]:
    """Students of a course by name, to choose one from; of a larger course the first `limit`."""
    query = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
    query = query.where(Enrolment.course_id == course_id, Enrolment.role == "student")
    return session.scalars(query.order_by(Person.name, Person.id).limit(limit)).all()


def cards(session: Session, course_id: str, limit: int = 200) -> Sequence[Card]:
    """The assignments of a course with their numbers, in the course's order: one query."""
    submissions = select(func.count()).where(Submission.assignment_id == Assignment.id).scalar_subquery()
    graded = select(func.count()).where(Grade.assignment_id == Assignment.id).scalar_subquery()
    waiting = (
        select(func.count(func.distinct(Grade.submission_id)))
        .where(Grade.assignment_id == Assignment.id, Grade.pending)
        .scalar_subquery()
    )
    query = (
        select(Assignment, PublishedSuite, submissions, graded, waiting)
        .join(PublishedSuite, PublishedSuite.id == Assignment.suite_id)
        .where(Assignment.course_id == course_id)
        .order_by(Assignment.position, Assignment.created_at, Assignment.id)
        .limit(limit)
    )
    return [Card(*row) for row in session.execute(query)]


def suites(session: Session, course_id: str, limit: int = 100) -> Sequence[PublishedSuite]:
    """The suites that are published in a course, newest first."""
    query = select(PublishedSuite).where(PublishedSuite.course_id == course_id)
    return session.scalars(query.order_by(PublishedSuite.published_at.desc(), PublishedSuite.id).limit(limit)).all()


def using(session: Session, suite: PublishedSuite) -> Sequence[tuple[Assignment, PublishedSuite, int]]:
    """The course's assignments with any version of this suite's rubric: with that version, and how many grades."""
    graded = select(func.count()).where(Grade.assignment_id == Assignment.id).scalar_subquery()
    query = (
        select(Assignment, PublishedSuite, graded)
        .join(PublishedSuite, PublishedSuite.id == Assignment.suite_id)
        .where(Assignment.course_id == suite.course_id, PublishedSuite.rubric == suite.rubric)
        .order_by(Assignment.position, Assignment.id)
    )
    return session.execute(query).all()


def _just_made(session: Session, suite: PublishedSuite, rules: Rules) -> Assignment | None:
    query = select(Assignment).where(
        Assignment.course_id == suite.course_id,
        Assignment.suite_id == suite.id,
        Assignment.title == rules.title,
        Assignment.created_at > queries.now() - TWICE,
    )
    return next((row for row in session.scalars(query) if rules_of(row) == rules), None)


def _held(session: Session, assignment_id: str) -> Assignment:
    """The row, so that two teachers who change it at once take turns."""
    query = select(Assignment).where(Assignment.id == assignment_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _largest_group(session: Session, assignment_id: str) -> int:
    sizes = select(func.count().label("size")).where(GroupMember.assignment_id == assignment_id)
    return session.scalar(select(func.max(sizes.group_by(GroupMember.group_id).subquery().c.size))) or 0


def _settle(session: Session, assignment_id: str, why: str, *, by: str) -> int:
    before = _updated(session, assignment_id)
    grades.settle_all(session, assignment_id, why=why, by=by)
    after = _updated(session, assignment_id)
    return sum(before.get(person) != moment for person, moment in after.items()) + len(before.keys() - after.keys())


def _updated(session: Session, assignment_id: str) -> dict[str, datetime]:
    query = select(Grade.person_id, Grade.updated_at).where(Grade.assignment_id == assignment_id)
    return dict(session.execute(query).all())


def _json(rules: Rules) -> dict[str, Any]:
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(rules).items()}


def _note(session: Session, action: str, row: Assignment, *, by: str, **told: Any) -> None:
    audit.note(session, action, f"assignment:{row.id}", by=by, course_id=row.course_id, **told)
