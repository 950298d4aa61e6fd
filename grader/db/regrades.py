"""Regrades: a suite tried on what was handed in before, as a dry run that changes nothing until somebody applies it.

The attempts of a dry run do not count. Applying makes those that were graded count, in one transaction with every grade
that follows; dropping cancels what still runs. Earlier attempts and their reports stay whatever is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from grader.db import audit, grades, queries, results, webhooks
from grader.db.engine import Database
from grader.db.marking import Audit, Grade, Regrade, RegradeState
from grader.db.outbox import MakeJob, send
from grader.db.school import Assignment, Person, PublishedSuite
from grader.db.tables import FINAL, Attempt, Submission
from grader.errors import BadInput

QUEUE = "batch"
UNDECIDED: tuple[RegradeState, ...] = ("running", "ready")
MOST = 20_000
"""Submissions of one regrade; more are refused rather than half done."""


@dataclass(frozen=True)
class Asked:
    """A regrade that somebody wants. `submissions` are ids, None for all that count."""

    suite: PublishedSuite
    why: str
    by: str
    job_timeout: int
    submissions: Sequence[str] | None = None


@dataclass(frozen=True)
class Progress:
    """How many attempts of a regrade there are and how they ended so far."""

    total: int
    graded: int
    rejected: int
    failed: int

    @property
    def done(self) -> int:
        return self.graded + self.rejected + self.failed

    @property
    def finished(self) -> bool:
        return self.done == self.total


def start(session: Session, assignment: Assignment, asked: Asked) -> tuple[Regrade, bool]:
    """Begin a dry run; returns it, and whether it is new: the same wish again finds the one that is undecided.

    Its attempts are in the outbox: `tell_queue` sends them, or a worker's reconciler does.

    Raises:
        BadInput: another regrade of the assignment is undecided, no reason is given, or nothing can be graded again.
    """
    session.execute(select(Assignment.id).where(Assignment.id == assignment.id).with_for_update())
    if (undecided := open_regrade(session, assignment.id)) is not None:
        if (undecided.suite_id, undecided.why) == (asked.suite.id, asked.why):
            return undecided, False
        raise BadInput(
            "Another regrade of this assignment is undecided.", where="regrade", fix="Apply it or drop it first."
        )
    targets = _targets(session, assignment, asked.submissions)
    regrade = Regrade(
        id=queries.new_id(),
        assignment_id=assignment.id,
        suite_id=asked.suite.id,
        state="running",
        why=asked.why,
        created_by=asked.by,
        created_at=queries.now(),
    )
    session.add(regrade)
    session.flush()
    _add_attempts(session, regrade, targets, asked)
    told = {"suite": asked.suite.id, "version": asked.suite.version, "submissions": len(targets)}
    _note(session, "regrade.started", assignment, regrade, by=asked.by, after=told)
    return regrade, True


def tell_queue(database: Database, regrade_id: str, make_job: MakeJob, limit: int = 200) -> int:
    """Send the attempts that the queue does not know yet, `limit` at most; returns how many.

    What is left, or fails here, the workers' reconciler sends. Raises redis.exceptions.RedisError.
    """
    with database.read() as session:
        waiting = select(Attempt).where(Attempt.regrade_id == regrade_id, Attempt.state == "received")
        attempts = session.scalars(waiting.order_by(Attempt.id).limit(limit)).all()
    return sum(send(database, attempt, make_job) for attempt in attempts)


def find(session: Session, regrade_id: str) -> Regrade | None:
    return session.get(Regrade, regrade_id)


def open_regrade(session: Session, assignment_id: str) -> Regrade | None:
    """The one that waits for a decision; an assignment has one at most."""
    query = select(Regrade).where(Regrade.assignment_id == assignment_id, Regrade.state.in_(UNDECIDED))
    return session.scalar(query.limit(1))


def recent(session: Session, assignment_id: str, limit: int = 20) -> Sequence[tuple[Regrade, PublishedSuite]]:
    """The newest regrades of an assignment with their suites."""
    query = (
        select(Regrade, PublishedSuite)
        .join(PublishedSuite, PublishedSuite.id == Regrade.suite_id)
        .where(Regrade.assignment_id == assignment_id)
        .order_by(Regrade.created_at.desc(), Regrade.id)
        .limit(limit)
    )
    return session.execute(query).all()


def progress(session: Session, regrade_id: str) -> Progress:
    query = select(Attempt.state, func.count()).where(Attempt.regrade_id == regrade_id).group_by(Attempt.state)
    found: dict[str, int] = dict(session.execute(query).all())
    failed = found.get("failed", 0) + found.get("cancelled", 0)
    return Progress(sum(found.values()), found.get("graded", 0), found.get("rejected", 0), failed)


def ungraded(session: Session, regrade_id: str, limit: int = 50) -> Sequence[tuple[Attempt, Submission]]:
    """Attempts that ended without a grade: applying leaves these submissions as they are."""
    ended = and_(Attempt.regrade_id == regrade_id, Attempt.state.in_(FINAL - {"graded"}))
    query = select(Attempt, Submission).join(Submission, Submission.id == Attempt.submission_id).where(ended)
    return session.execute(query.order_by(Submission.seq).limit(limit)).all()


def settled(session: Session, regrade: Regrade, limit: int = 500) -> Sequence[tuple[Audit, Person]]:
    """The grades that applying has changed, with whose they are, by name: what the audit log says of it."""
    about = func.substr(Audit.about, len(f"grade:{regrade.assignment_id}:") + 1)
    query = (
        select(Audit, Person)
        .join(Person, Person.id == about)
        .where(
            Audit.action == "grade.settled",
            Audit.about.startswith(f"grade:{regrade.assignment_id}:"),
            Audit.why == regrade.why,
            Audit.person_id == regrade.decided_by,
            Audit.at >= regrade.decided_at,
        )
        .order_by(Person.name, Person.id, Audit.seq)
        .limit(limit)
    )
    return session.execute(query).all()


def apply(session: Session, regrade_id: str, *, by: str) -> int:
    """Make the dry run count; returns how many people's grades were settled.

    Raises:
        BadInput: it still runs, none of it was graded, or somebody decided about it before.
    """
    regrade = _decide(session, regrade_id, "applied", by=by)
    done = progress(session, regrade.id)
    if not done.finished:
        raise BadInput("This regrade still runs.", where="regrade", fix="Wait until everything has been graded.")
    if not done.graded:
        raise BadInput("None of these submissions could be graded.", where="regrade", fix="Drop this regrade.")
    assignment = session.get_one(Assignment, regrade.assignment_id, populate_existing=True)
    before = {"suite": assignment.suite_id}
    assignment.suite_id = regrade.suite_id
    people = results.adopt(session, regrade.id)
    for person_id in people:
        _settle(session, assignment, regrade, person_id, by=by)
    told = {"suite": regrade.suite_id, "people": len(people)}
    _note(session, "regrade.applied", assignment, regrade, by=by, before=before, after=told)
    return len(people)


def _settle(session: Session, assignment: Assignment, regrade: Regrade, person_id: str, *, by: str) -> None:
    """Settle one grade, and tell the course's webhooks when that changes it."""
    before = results.summary(grades.find(session, assignment.id, person_id))
    after = results.summary(grades.settle(session, assignment.id, person_id, why=regrade.why, by=by))
    if before != after:
        news = {"regrade": regrade.id, "why": regrade.why, "before": before, "grade": after}
        webhooks.announce(session, "regraded", assignment, session.get_one(Person, person_id), news)


def drop(session: Session, regrade_id: str, *, by: str) -> None:
    """Forget a dry run: what waits or runs is cancelled, and no grade changes. Raises BadInput when it was decided."""
    regrade = _decide(session, regrade_id, "dropped", by=by)
    still_open = and_(Attempt.regrade_id == regrade.id, Attempt.finished_at.is_(None))
    ended = {"state": "cancelled", "finished_at": queries.now(), "lease_until": None}
    session.execute(update(Attempt).where(still_open).values(ended).execution_options(synchronize_session=False))
    assignment = session.get_one(Assignment, regrade.assignment_id)
    _note(session, "regrade.dropped", assignment, regrade, by=by)


def _decide(session: Session, regrade_id: str, state: RegradeState, *, by: str) -> Regrade:
    """One conditional update, so that of two clicks only one decides."""
    undecided = and_(Regrade.id == regrade_id, Regrade.state.in_(UNDECIDED))
    values = {"state": state, "decided_by": by, "decided_at": queries.now()}
    query = update(Regrade).where(undecided).values(values).returning(Regrade.id)
    if session.scalar(query.execution_options(synchronize_session=False)) is None:
        raise BadInput("Somebody has decided about this regrade already.", where="regrade", fix="Load the page again.")
    return session.get_one(Regrade, regrade_id, populate_existing=True)


def _targets(session: Session, assignment: Assignment, chosen: Sequence[str] | None) -> Sequence[Submission]:
    """What can be graded again: files are stored, and no attempt is under way that will be graded anyhow."""
    if chosen is None:
        which: ColumnElement[bool] = Submission.id.in_(
            select(Grade.submission_id).where(Grade.assignment_id == assignment.id)
        )
    else:
        which = Submission.id.in_(list(chosen)[: MOST + 1])
    ready = or_(Submission.blob.is_not(None), Submission.source_url.is_not(None))
    query = select(Submission).where(
        Submission.assignment_id == assignment.id, which, ready, Submission.state.in_(("graded", "rejected", "failed"))
    )
    rows = session.scalars(query.order_by(Submission.seq).limit(MOST + 1)).all()
    if not rows:
        raise BadInput(
            "There is nothing to grade again.",
            where="submissions",
            fix="Choose submissions whose grading has ended.",
        )
    if len(rows) > MOST:
        raise BadInput(f"These are more than {MOST} submissions.", where="submissions", fix="Choose some of them.")
    return rows


def _add_attempts(session: Session, regrade: Regrade, targets: Sequence[Submission], asked: Asked) -> None:
    newest = select(Attempt.submission_id, func.max(Attempt.number)).group_by(Attempt.submission_id)
    in_question = select(Submission.id).where(Submission.assignment_id == regrade.assignment_id)
    query = newest.where(Attempt.submission_id.in_(in_question))
    numbers: dict[str, int] = dict(session.execute(query).all())
    now = queries.now()
    rows: list[dict[str, Any]] = []
    for submission in targets:
        number = numbers.get(submission.id, 0) + 1
        rows.append({
            "id": f"{submission.id}-{number}", "submission_id": submission.id, "number": number,
            "suite_id": asked.suite.id, "regrade_id": regrade.id, "counts": False, "state": "received",
            "queue": QUEUE, "job_timeout": asked.job_timeout, "sends": 0, "tries": 0, "due_at": now, "created_at": now,
        })  # fmt: skip
    session.execute(insert(Attempt), rows)


def _note(session: Session, action: str, assignment: Assignment, regrade: Regrade, *, by: str, **told: Any) -> None:
    about = f"assignment:{assignment.id}"
    after = {"regrade": regrade.id} | told.pop("after", {})
    audit.note(session, action, about, by=by, course_id=assignment.course_id, after=after, why=regrade.why, **told)
