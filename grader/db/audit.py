"""The audit log: who changed what, when and why. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.db.marking import Audit


def note(
    session: Session,
    action: str,
    about: str,
    *,
    by: str | None,
    course_id: str | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """Add a row in the caller's transaction, so that nothing changes without one and none stands for nothing.

    Args:
        action: such as `grade.settled`.
        about: such as `assignment:<id>`.
        by: id of the person; None when the system did it.
        before: JSON of what was, where something was.
        after: JSON of what is.
    """
    session.add(
        Audit(
            at=datetime.now(UTC),
            person_id=by,
            course_id=course_id,
            action=action,
            about=about,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            why=why[:2000],
        )
    )


def history(session: Session, about: str, limit: int = 50, before_seq: int | None = None) -> Sequence[Audit]:
    """What happened to one thing, newest first; `before_seq` is the last row of the page before."""
    query = select(Audit).where(Audit.about == about).order_by(Audit.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(Audit.seq < before_seq)
    return session.scalars(query).all()
