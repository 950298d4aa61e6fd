"""Everything that is known of one submission, for the people who teach: a few queries, whatever the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, undefer

from grader.db import groups, reviews
from grader.db.marking import Audit, Grade, Regrade
from grader.db.reviews import Given
from grader.db.school import Extension, Group, Person, PublishedSuite
from grader.db.tables import Attempt, Submission

EVENTS = 100
ATTEMPTS = 50


@dataclass(frozen=True)
class Dossier:
    """One submission. `shown` is the attempt whose report is to be shown, with its report, if there is one."""

    submission: Submission
    people: Sequence[Person]
    """Whose work it is."""
    group: Group | None
    attempts: Sequence[Attempt]
    """Newest first, dry runs of regrades among them; without reports."""
    shown: Attempt | None
    suites: Mapping[str, PublishedSuite]
    regrades: Mapping[str, Regrade]
    grades: Sequence[Grade]
    """Of these people in the assignment, whether this submission counts or another."""
    extensions: Mapping[str, Extension]
    reviews: Mapping[str, Given]
    past_reviews: Sequence[Given]
    others: Sequence[Submission]
    """What the same people handed in for the assignment, newest first, this one among them."""


@dataclass(frozen=True)
class Event:
    """A row of the audit log with the name of who did it; None for the system."""

    row: Audit
    by: str | None


def of(session: Session, submission: Submission, attempt_id: str | None = None) -> Dossier:
    """The dossier, with the report of one attempt or of the newest that counts. `attempt_id` is looked for in it."""
    owners = groups.owners(session, submission)
    attempts = _attempts(session, submission.id)
    counting = next((attempt for attempt in attempts if attempt.counts), None)
    chosen = attempt_id or (counting.id if counting else None)
    shown = next((attempt for attempt in attempts if attempt.id == chosen), None)
    if shown is not None:
        shown = session.scalar(select(Attempt).where(Attempt.id == shown.id).options(undefer(Attempt.report)))
    assignment_id = submission.assignment_id
    mine = Grade.assignment_id == assignment_id, Grade.person_id.in_(owners)
    theirs = Extension.assignment_id == assignment_id, Extension.person_id.in_(owners)
    suite_ids = {attempt.suite_id for attempt in attempts if attempt.suite_id}
    regrade_ids = {attempt.regrade_id for attempt in attempts if attempt.regrade_id}
    return Dossier(
        submission=submission,
        people=people(session, owners),
        group=session.get(Group, submission.group_id) if submission.group_id else None,
        attempts=attempts,
        shown=shown,
        suites={row.id: row for row in session.scalars(select(PublishedSuite).where(PublishedSuite.id.in_(suite_ids)))},
        regrades={row.id: row for row in session.scalars(select(Regrade).where(Regrade.id.in_(regrade_ids)))},
        grades=session.scalars(select(Grade).where(*mine)).all(),
        extensions={row.person_id: row for row in session.scalars(select(Extension).where(*theirs))},
        reviews=reviews.current(session, submission.id),
        past_reviews=reviews.history(session, submission.id),
        others=_others(session, submission, owners),
    )


def people(session: Session, ids: Sequence[str]) -> Sequence[Person]:
    """People by id, in the order of their names."""
    return session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)).all()


def events(session: Session, submission: Submission, limit: int = EVENTS) -> Sequence[Event]:
    """What changed about a submission, its people's grades and their dates, newest first: the `limit` newest."""
    about = [f"submission:{submission.id}"]
    for person_id in groups.owners(session, submission) if submission.assignment_id else ():
        about += [f"{kind}:{submission.assignment_id}:{person_id}" for kind in ("grade", "extension")]
    return _events(session, about, limit)


def events_about(session: Session, about: str, limit: int = EVENTS) -> Sequence[Event]:
    """What changed about one thing, newest first."""
    return _events(session, [about], limit)


def events_of_course(
    session: Session, course_id: str, limit: int, *, before: int | None = None, grades: bool = False
) -> Sequence[Event]:
    """The log of a course, newest first; `before` is the `seq` of the last row of the page before."""
    query = select(Audit, Person.name).outerjoin(Person, Person.id == Audit.person_id)
    query = query.where(Audit.course_id == course_id)
    if before is not None:
        query = query.where(Audit.seq < before)
    if grades:
        query = query.where(Audit.action == "grade.settled")
    return [Event(row, name) for row, name in session.execute(query.order_by(Audit.seq.desc()).limit(limit))]


def _events(session: Session, about: Sequence[str], limit: int) -> Sequence[Event]:
    query = select(Audit, Person.name).outerjoin(Person, Person.id == Audit.person_id).where(Audit.about.in_(about))
    return [Event(row, name) for row, name in session.execute(query.order_by(Audit.seq.desc()).limit(limit))]


def _attempts(session: Session, public_id: str) -> Sequence[Attempt]:
    query = select(Attempt).where(Attempt.submission_id == public_id)
    return session.scalars(query.order_by(Attempt.number.desc()).limit(ATTEMPTS)).all()


def _others(session: Session, submission: Submission, owners: Sequence[str]) -> Sequence[Submission]:
    if submission.assignment_id is None:
        return [submission]
    same: list[ColumnElement[bool]] = [Submission.person_id.in_(owners)]
    if submission.group_id is not None:
        same.append(Submission.group_id == submission.group_id)
    query = select(Submission).where(Submission.assignment_id == submission.assignment_id, or_(*same))
    return session.scalars(query.order_by(Submission.seq.desc()).limit(ATTEMPTS)).all()
