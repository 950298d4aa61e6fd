"""Handing in for an assignment: who may, how often, what becomes of a submission that still waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from grader.db import audit, groups, queries, rules
from grader.db.queries import NewSubmission
from grader.db.rules import Allowance, Limit
from grader.db.school import Assignment, Course, Extension, Group, Person, PublishedSuite
from grader.db.tables import Attempt, State, Submission
from grader.errors import BadInput

MAX_WAITING = 10
"""Submissions of one person that wait for a grader, over all their assignments."""
WAITING: tuple[State, ...] = ("received", "queued")
COSTLY: tuple[State, ...] = ("received", "queued", "running", "graded")
"""What takes an attempt; what was rejected, broke on our side or was cancelled takes none."""
_MINUTE = timedelta(minutes=1)
_SUPERSEDED = "a newer submission took its place"
_CANCELLED = "cancelled before it was begun"


@dataclass(frozen=True)
class Standing:
    """How a student stands with an assignment at a moment. `refusal` says why they cannot hand in, if they cannot."""

    group: Group | None
    extension: Extension | None
    due_at: datetime | None
    """Theirs: with the extension."""
    closes_at: datetime | None
    allowance: Allowance
    refusal: BadInput | None


class HandedIn(NamedTuple):
    """A new submission, and the attempts that it ended while they waited."""

    submission: Submission
    superseded: Sequence[Attempt]


def standing(session: Session, assignment: Assignment, person_id: str, at: datetime) -> Standing:
    """Four queries, however long the history. A submission that waits takes no attempt: the next one would end it."""
    group = groups.group_of(session, assignment.id, person_id)
    extension = session.get(Extension, (assignment.id, person_id))
    suite = session.get_one(PublishedSuite, assignment.suite_id)
    limit = rules.limit_of(assignment, suite)
    states = tuple(state for state in COSTLY if state not in WAITING)
    work = groups.work_of(assignment.id, person_id, group.id if group else None)
    allowance = _allowance(session, work, limit, states, at)
    closes = rules.effective_close(assignment, extension)
    refusal = _refusal(assignment, closes, at) or _used_up(allowance)
    return Standing(group, extension, rules.effective_due(assignment, extension), closes, allowance, refusal)


def add(session: Session, assignment: Assignment, person: Person, new: NewSubmission, at: datetime) -> Submission:
    """`hand_in`, when nobody needs to know what was superseded."""
    return hand_in(session, assignment, person, new, at).submission


def hand_in(session: Session, assignment: Assignment, person: Person, new: NewSubmission, at: datetime) -> HandedIn:
    """Insert a submission received at `at`, with its first attempt. An older one of theirs that waits is cancelled.

    Raises:
        BadInput: not open yet, closed, no attempt left (with the time of the next one), too many waiting. The caller's
            transaction must end with it: what was cancelled stands again then.
        sqlalchemy.exc.IntegrityError: `new.request_key` is taken.
    """
    groups.hold(session, [person.id])
    group = _group(session, assignment, person.id)
    extension = session.get(Extension, (assignment.id, person.id))
    closes = rules.effective_close(assignment, extension)
    course = session.get_one(Course, assignment.course_id)
    if refusal := _archived(course) or _refusal(assignment, closes, at):
        raise refusal
    # Cancelled first, counted afterwards: a worker may begin one of them at this very moment.
    work = groups.work_of(assignment.id, person.id, group.id if group else None)
    superseded = _supersede(session, work, at)
    suite = session.get_one(PublishedSuite, assignment.suite_id)
    allowance = _allowance(session, work, rules.limit_of(assignment, suite), COSTLY, at)
    if refusal := _used_up(allowance) or _too_many(session, person.id):
        raise refusal
    whole = replace(
        new,
        assignment_id=assignment.id,
        person_id=person.id,
        group_id=group.id if group else None,
        suite_id=suite.id,
        rubric=suite.rubric,
        suite=suite.folder or "",
    )
    row = queries.add_submission(session, whole, at=at)
    return HandedIn(row, superseded)


def cancel(session: Session, public_id: str, by: str) -> Attempt:
    """End a submission that waits; returns its attempt, whose job is to be taken out of the queue.

    Raises BadInput: it is being graded, or it has ended.
    """
    attempt = queries.last_attempt(session, public_id)
    if attempt is None or attempt.state not in COSTLY or attempt.state == "graded":
        raise BadInput("This submission has ended, so there is nothing to cancel.", where="submission")
    if not queries.cancel(session, attempt.id, _CANCELLED):
        raise BadInput(
            "This submission is being graded, so it cannot be cancelled.",
            where="submission",
            fix="Wait for its result.",
        )
    session.refresh(attempt, ["state", "job_id"])
    submission = attempt.submission
    assignment = session.get(Assignment, submission.assignment_id) if submission.assignment_id else None
    course_id = assignment.course_id if assignment else None
    audit.note(session, "submission.cancelled", f"submission:{public_id}", by=by, course_id=course_id)
    return attempt


def _group(session: Session, assignment: Assignment, person_id: str) -> Group | None:
    """Their group, held: members who hand in at once take turns, and nobody leaves meanwhile."""
    group = groups.group_of(session, assignment.id, person_id)
    if group is None:
        return None
    session.execute(select(Group.id).where(Group.id == group.id).with_for_update(key_share=True)).all()
    if not groups.is_member(session, group.id, person_id):
        raise BadInput("Your group has just changed.", where="group", fix="Look at it, and hand in again.")
    return group


def _supersede(session: Session, work: ColumnElement[bool], at: datetime) -> Sequence[Attempt]:
    waiting = session.scalars(
        select(Attempt)
        .join(Submission)
        .where(work, Submission.state.in_(WAITING), Attempt.state.in_(WAITING), Attempt.counts)
        .order_by(Attempt.id)
    ).all()
    ended = [attempt for attempt in waiting if queries.cancel(session, attempt.id, _SUPERSEDED, at=at)]
    for attempt in ended:
        session.refresh(attempt, ["state", "job_id"])  # its job may have been made since it was looked up
    return ended


def _allowance(
    session: Session, work: ColumnElement[bool], limit: Limit, states: Sequence[State], at: datetime
) -> Allowance:
    query = select(Submission.received_at).where(work, Submission.state.in_(states))
    period = rules.PERIODS[limit.per]
    if period is not None:
        query = query.where(Submission.received_at > at - period)
    return rules.attempts_left(session.scalars(query).all(), at, limit)


def _refusal(assignment: Assignment, closes: datetime | None, at: datetime) -> BadInput | None:
    if assignment.opens_at is not None and at < assignment.opens_at:
        moment = _utc(assignment.opens_at)
        return BadInput(f"This assignment is not open yet: it opens on {moment}.", where="assignment", fix="Wait.")
    if closes is not None and at > closes:
        return BadInput(
            f"This assignment closed on {_utc(closes)}: nothing is taken any more.",
            where="assignment",
            fix="Ask the people who teach the course for an extension.",
        )
    return None


def _archived(course: Course) -> BadInput | None:
    if course.archived_at is None:
        return None
    return BadInput("This course is archived: nothing is taken any more.", where="assignment")


def _used_up(allowance: Allowance) -> BadInput | None:
    limit = allowance.limit
    if allowance.left:
        return None
    many = "The only attempt" if limit.count == 1 else f"Every one of the {limit.count} attempts"
    if allowance.next_at is None:
        fix = "Ask the people who teach the course if you need another one."
        return BadInput(f"{many} of this assignment is used.", where="attempts", fix=fix)
    return BadInput(
        f"{many} for each {limit.per} is used.",
        where="attempts",
        fix=f"The next one is free on {_utc(allowance.next_at)}.",
    )


def _too_many(session: Session, person_id: str) -> BadInput | None:
    query = select(func.count()).select_from(Submission)
    waiting = session.scalar(query.where(Submission.person_id == person_id, Submission.state.in_(WAITING))) or 0
    if waiting < MAX_WAITING:
        return None
    return BadInput(
        f"{waiting} of your submissions wait for a grader already.", where="queue", fix="Wait for one, or cancel one."
    )


def _utc(moment: datetime) -> str:
    """To the minute, and never earlier than it is."""
    whole = moment if not (moment.second or moment.microsecond) else moment.replace(second=0, microsecond=0) + _MINUTE
    return f"{whole:%Y-%m-%d at %H:%M} UTC"
