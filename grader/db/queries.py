"""The life of submissions and attempts. Each function works inside the caller's session.

An attempt goes received -> queued -> running -> graded | rejected | failed, and back to received when a try must be
made again; while it waits it may be cancelled. All changes of state are single conditional updates, so two processes
can never both make one. A submission shows the state of its newest attempt that counts: a dry run shows nowhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session, undefer

from grader.db import groups, results
from grader.db.tables import FINAL, Attempt, State, Submission

MAX_TRIES = 3
LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class NewSubmission:
    """What the web knows when it accepts one. Either `blob` (an upload) or `source_url` (a clone) is set."""

    rubric: str
    suite: str
    queue: str
    job_timeout: int
    kind: str = "repository"
    blob: str | None = None
    filename: str | None = None
    size: int | None = None
    source_url: str | None = None
    request_key: str | None = None
    assignment_id: str | None = None
    person_id: str | None = None
    group_id: str | None = None
    suite_id: str | None = None
    """The published suite that judges; without it, the folder `suite`."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. `report` is set when it was graded, `reason` otherwise.

    `artifacts` maps names to the digests of blobs that are stored already.
    """

    state: State
    report: Mapping[str, Any] | None = None
    reason: str | None = None
    place: str | None = None
    fix: str | None = None
    artifacts: Mapping[str, str] = field(default_factory=dict)


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """128 random bits: knowing one id helps nobody to find another."""
    return secrets.token_hex(16)


def add_submission(session: Session, new: NewSubmission, *, at: datetime | None = None) -> Submission:
    """Insert a submission and its first attempt. Raises sqlalchemy.exc.IntegrityError when `request_key` is taken."""
    at = at or now()
    row = Submission(
        id=new_id(),
        request_key=new.request_key,
        assignment_id=new.assignment_id,
        person_id=new.person_id,
        group_id=new.group_id,
        rubric=new.rubric,
        suite=new.suite,
        kind=new.kind,
        blob=new.blob,
        filename=new.filename,
        size=new.size,
        source_url=new.source_url,
        received_at=at,
        state="received",
    )
    session.add(row)
    session.flush()
    session.add(
        Attempt(
            id=f"{row.id}-1",
            submission_id=row.id,
            number=1,
            suite_id=new.suite_id,
            state="received",
            queue=new.queue,
            job_timeout=new.job_timeout,
            due_at=at,
            created_at=at,
        )
    )
    session.flush()
    return row


def submission(session: Session, public_id: str) -> Submission | None:
    return session.scalar(select(Submission).where(Submission.id == public_id))


def submission_by_request(session: Session, request_key: str) -> Submission | None:
    return session.scalar(select(Submission).where(Submission.request_key == request_key))


def last_attempt(session: Session, public_id: str) -> Attempt | None:
    """The newest attempt of a submission that counts, with its report."""
    query = select(Attempt).where(Attempt.submission_id == public_id, Attempt.counts)
    return session.scalar(query.order_by(Attempt.number.desc()).limit(1).options(undefer(Attempt.report)))


def recent(session: Session, limit: int, before: str | None = None) -> Sequence[Submission]:
    """The newest submissions first; `before` is the id of the last one of the page before."""
    query = select(Submission).order_by(Submission.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(Submission.seq < select(Submission.seq).where(Submission.id == before).scalar_subquery())
    return session.scalars(query).all()


def attempt(session: Session, attempt_id: str) -> Attempt | None:
    return session.get(Attempt, attempt_id)


def claimed(session: Session, attempt_id: str) -> Attempt:
    """An attempt that is known to exist."""
    return session.get_one(Attempt, attempt_id)


def open_attempts(session: Session) -> Sequence[Attempt]:
    """Attempts that have not finished, oldest first: what the reconciler looks after."""
    return session.scalars(select(Attempt).where(Attempt.finished_at.is_(None)).order_by(Attempt.due_at)).all()


def mark_sent(session: Session, attempt_id: str, sends: int) -> str | None:
    """Take the right to make the next job for an attempt that had `sends` of them.

    Returns the job's id, or None when another process was faster or the attempt has moved on.
    """
    job_id = f"{attempt_id}-{sends + 1}"
    waiting = and_(Attempt.sends == sends, Attempt.state.in_(("received", "queued")))
    if not _change(session, attempt_id, waiting, state="queued", job_id=job_id, sends=sends + 1):
        return None
    _follow(session, attempt_id, "queued")
    return job_id


def unsend(session: Session, attempt_id: str, job_id: str) -> None:
    """Put an attempt back into the outbox because its job could not be made."""
    if _change(session, attempt_id, and_(Attempt.job_id == job_id, Attempt.state == "queued"), state="received"):
        _follow(session, attempt_id, "received")


def claim(session: Session, attempt_id: str, worker: str, *, at: datetime | None = None) -> bool:
    """Begin a try. False when the attempt is finished, another worker holds it, or its tries are used up."""
    at = at or now()
    free = or_(Attempt.state.in_(("received", "queued")), Attempt.lease_until < at)
    changed = _change(
        session,
        attempt_id,
        and_(free, Attempt.tries < MAX_TRIES),
        state="running",
        worker=worker,
        tries=Attempt.tries + 1,
        started_at=at,
        lease_until=at + LEASE,
    )
    if changed:
        _follow(session, attempt_id, "running")
    return changed


def hold_back(session: Session, attempt_id: str, *, wait: timedelta) -> bool:
    """Return an attempt to the outbox while another one of the same student or group and assignment is running.

    A dry run waits for nobody. False when it may begin.
    """
    results.hold(session, attempt_id)
    if not _others(session, attempt_id, "running"):
        return False
    return _to_outbox(session, attempt_id, Attempt.state.in_(("received", "queued")), due_at=now() + wait)


def held_back(session: Session, attempt_id: str) -> Sequence[Attempt]:
    """Attempts that nobody has begun, of the same student or group and assignment, and that have no job."""
    return [other for other in _others(session, attempt_id, "received") if not other.tries]


def _others(session: Session, attempt_id: str, state: State) -> Sequence[Attempt]:
    attempt = session.get(Attempt, attempt_id)
    submission = attempt.submission if attempt is not None and attempt.counts else None
    if submission is None or submission.assignment_id is None or submission.person_id is None:
        return []
    work = groups.work_of(submission.assignment_id, submission.person_id, submission.group_id)
    others = and_(Attempt.id != attempt_id, Attempt.state == state, Attempt.counts)
    return session.scalars(select(Attempt).join(Submission).where(work, others).order_by(Attempt.id)).all()


def renew(session: Session, attempt_id: str, worker: str, *, at: datetime | None = None) -> bool:
    """Say that `worker` is still at it. False when it no longer holds the attempt."""
    mine = and_(Attempt.state == "running", Attempt.worker == worker)
    return _change(session, attempt_id, mine, lease_until=(at or now()) + LEASE)


def put_back(session: Session, attempt_id: str, worker: str, *, wait: timedelta, reason: str) -> bool:
    """Return the attempt that `worker` runs to the outbox, to be sent again after `wait`."""
    mine = and_(Attempt.state == "running", Attempt.worker == worker)
    return _to_outbox(session, attempt_id, mine, due_at=now() + wait, reason=_cut(reason, 2000))


def expire(session: Session, attempt_id: str, *, at: datetime | None = None) -> bool:
    """Return an attempt to the outbox whose worker has let its lease run out."""
    lost = and_(Attempt.state == "running", Attempt.lease_until < (at or now()))
    return _to_outbox(session, attempt_id, lost, reason="the worker was lost")


def cancel(session: Session, attempt_id: str, reason: str, *, at: datetime | None = None) -> bool:
    """End an attempt that waits. False when a worker has begun it, or it has ended: then it goes on as it is."""
    waiting = Attempt.state.in_(("received", "queued"))
    values = {"state": "cancelled", "reason": _cut(reason, 2000), "finished_at": at or now()}
    changed = _change(session, attempt_id, waiting, **values)
    if changed:
        _follow(session, attempt_id, "cancelled")
    return changed


def finish(session: Session, attempt_id: str, outcome: Outcome) -> bool:
    """Commit an attempt's result with all that follows from it: marks, counts of tests, grades.

    False when one was committed before: then nothing changes.
    """
    if outcome.state not in FINAL:
        raise ValueError(f"{outcome.state} does not end an attempt")
    results.hold(session, attempt_id)
    changed = _change(
        session,
        attempt_id,
        Attempt.finished_at.is_(None),
        state=outcome.state,
        report=dict(outcome.report) if outcome.report is not None else None,
        reason=_cut(outcome.reason, 2000),
        place=_cut(outcome.place, 500),
        fix=_cut(outcome.fix, 2000),
        artifacts=dict(outcome.artifacts) or None,
        lease_until=None,
        finished_at=now(),
    )
    if changed:
        report = outcome.report or {}
        points = {key: report.get(key) for key in ("points", "max_points", "passed")}
        _follow(session, attempt_id, outcome.state, **(points if report else {}))
        if outcome.state == "graded":
            results.record(session, attempt_id, report)
    return changed


def set_source(session: Session, public_id: str, *, blob: str, size: int, commit: str | None) -> None:
    """Note what was cloned, so that a later try grades the very same files."""
    values = {"blob": blob, "size": size, "commit": commit}
    session.execute(update(Submission).where(Submission.id == public_id).values(**values))


def _change(session: Session, attempt_id: str, condition: ColumnElement[bool], **values: Any) -> bool:
    query = update(Attempt).where(Attempt.id == attempt_id, Attempt.finished_at.is_(None), condition).values(**values)
    result = session.execute(query.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def _to_outbox(session: Session, attempt_id: str, condition: ColumnElement[bool], **values: Any) -> bool:
    changed = _change(session, attempt_id, condition, state="received", lease_until=None, **values)
    if changed:
        _follow(session, attempt_id, "received")
    return changed


def _follow(session: Session, attempt_id: str, state: State, **values: Any) -> None:
    """The submission shows the state of its newest attempt that counts."""
    public_id, number = attempt_id.rsplit("-", 1)
    counting = select(Attempt.number).where(Attempt.submission_id == public_id, Attempt.counts)
    newest = counting.order_by(Attempt.number.desc()).limit(1)
    where = and_(Submission.id == public_id, newest.scalar_subquery() == int(number))
    query = update(Submission).where(where).values(state=state, **values)
    session.execute(query.execution_options(synchronize_session=False))


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text is not None else None
