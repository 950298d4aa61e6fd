"""Webhooks of a course and their outbox. A delivery is written in the transaction of what it tells of, so none is lost
and none tells of what did not happen; workers send it (grader/webhooks.py), at least once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from grader.db import queries
from grader.db.marking import Delivery, Webhook
from grader.db.school import Assignment, Person
from grader.errors import BadInput

Event = Literal["graded", "regraded", "ping"]

MOST = 10
"""Webhooks of one course."""
BACKOFF = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=18),
)
"""Waits after each try that failed; after as many tries as there are waits the delivery is given up."""


@dataclass(frozen=True)
class Due:
    """A delivery that this process alone tries now."""

    seq: int
    webhook: Webhook
    payload: Mapping[str, Any]
    tries: int


def announce(
    session: Session,
    event: Event,
    assignment: Assignment,
    person: Person,
    payload: Mapping[str, Any],
    *,
    at: datetime | None = None,
) -> int:
    """Put an event about a student's work into the outbox of every webhook of the course; returns how many there are.

    `payload` is what the event is about in JSON values, such as `{"submission": …, "grade": {…}}`; course,
    assignment and student are added to it. Costs one query. Call it in the transaction of the event.
    """
    hooks = session.scalars(
        select(Webhook).where(Webhook.course_id == assignment.course_id, Webhook.disabled_at.is_(None))
    ).all()
    about = {
        "course": {"id": assignment.course_id},
        "assignment": {"id": assignment.id, "title": assignment.title},
        "student": {"id": person.id, "name": person.name, "email": person.email},
        **payload,
    }
    for hook in hooks:
        _put(session, hook, event, about, at or queries.now())
    return len(hooks)


def add(session: Session, *, course_id: str, url: str, by: str | None) -> Webhook:
    """Make a webhook with a secret of its own, which is shown once. Raises BadInput when the course has `MOST` of them.

    The address has been checked by the caller, and is checked again at every delivery.
    """
    if len(session.scalars(select(Webhook.id).where(Webhook.course_id == course_id).limit(MOST)).all()) >= MOST:
        raise BadInput(f"This course has {MOST} webhooks already.", where="url", fix="Delete one that is not used.")
    hook = Webhook(
        id=queries.new_id(),
        course_id=course_id,
        url=url,
        secret=secrets.token_hex(32),
        created_by=by,
        created_at=queries.now(),
    )
    session.add(hook)
    session.flush()
    return hook


def find(session: Session, webhook_id: str) -> Webhook | None:
    return session.get(Webhook, webhook_id)


def of_course(session: Session, course_id: str) -> Sequence[Webhook]:
    """At most `MOST`, oldest first."""
    query = select(Webhook).where(Webhook.course_id == course_id).order_by(Webhook.created_at, Webhook.id)
    return session.scalars(query).all()


def remove(session: Session, hook: Webhook) -> None:
    """Delete it with its deliveries."""
    session.delete(hook)
    session.flush()


def ping(session: Session, hook: Webhook) -> Delivery:
    """Put a test delivery into the outbox."""
    delivery = _put(session, hook, "ping", {"course": {"id": hook.course_id}}, queries.now())
    session.flush()
    return delivery


def deliveries(session: Session, webhook_id: str, limit: int, before_seq: int | None = None) -> Sequence[Delivery]:
    """The newest deliveries of a webhook first; `before_seq` is the last one of the page before."""
    query = select(Delivery).where(Delivery.webhook_id == webhook_id).order_by(Delivery.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(Delivery.seq < before_seq)
    return session.scalars(query).all()


def is_due(session: Session, *, at: datetime | None = None) -> bool:
    """Whether any delivery's time has come; so that nobody takes the write lock in vain."""
    due = select(Delivery.seq).where(Delivery.delivered_at.is_(None), Delivery.due_at <= (at or queries.now()))
    return session.scalar(due.limit(1)) is not None


def take_due(session: Session, limit: int, *, at: datetime | None = None) -> list[Due]:
    """Take up to `limit` deliveries whose time has come. Each counts as a try that failed until `delivered` says else.

    So a process that dies while it sends leaves a row that is due again later, and two processes never send one row in
    the same moment.
    """
    at = at or queries.now()
    query = (
        select(Delivery, Webhook)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.delivered_at.is_(None), Delivery.due_at <= at)
        .order_by(Delivery.due_at)
        .limit(limit)
    )
    taken = []
    for row, hook in session.execute(query).all():
        if hook.disabled_at is not None:
            _set(session, row.seq, row.tries, due_at=None, answer="the webhook was switched off")
            continue
        after = at + BACKOFF[row.tries] if row.tries < len(BACKOFF) - 1 else at + BACKOFF[-1]
        if _set(session, row.seq, row.tries, tries=row.tries + 1, due_at=after):
            taken.append(Due(row.seq, hook, row.payload, row.tries + 1))
    return taken


def delivered(session: Session, due: Due, answer: str, *, at: datetime | None = None) -> None:
    """Note that the receiver took it."""
    _set(session, due.seq, due.tries, delivered_at=at or queries.now(), answer=answer[:500])


def refused(session: Session, due: Due, answer: str) -> None:
    """Note why a try failed; the last one is given up."""
    last: dict[str, Any] = {"due_at": None} if due.tries >= len(BACKOFF) else {}
    _set(session, due.seq, due.tries, answer=answer[:500], **last)


def _put(session: Session, hook: Webhook, event: Event, about: Mapping[str, Any], at: datetime) -> Delivery:
    payload = {"id": queries.new_id(), "event": event, "at": at.isoformat(), **about}
    row = Delivery(webhook_id=hook.id, event=event, payload=payload, created_at=at, due_at=at, tries=0)
    session.add(row)
    return row


def _set(session: Session, seq: int, tries: int, /, **values: Any) -> bool:
    """Change a delivery unless another process has tried it meanwhile."""
    mine = (Delivery.seq == seq, Delivery.tries == tries, Delivery.delivered_at.is_(None))
    query = update(Delivery).where(*mine).values(**values)
    result = session.execute(query.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
