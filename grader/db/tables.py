"""Tables. A submission is what somebody handed in; an attempt is one grading of it.

Times are aware and in UTC. Reports are stored as the text of their JSON, so what was committed is what is read back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, BigSeq, UtcDateTime, one_of

State = Literal["received", "queued", "running", "graded", "rejected", "failed", "cancelled"]
"""received: the row stands, the queue has not been told. The last four are final; `cancelled` is its student's doing,
by a click or by handing in again."""

STATES: tuple[State, ...] = ("received", "queued", "running", "graded", "rejected", "failed", "cancelled")
FINAL: frozenset[State] = frozenset({"graded", "rejected", "failed", "cancelled"})

_OPEN = text("finished_at IS NULL")
_STATE_CHECK = one_of("state", STATES)


class Submission(Base):
    """One upload or repository address. Points are copied from the last attempt that was graded, for lists."""

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint(_STATE_CHECK, name="state"),
        Index("ix_submissions_assignment", "assignment_id", "seq"),
        Index("ix_submissions_person", "person_id", "assignment_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    """Order of arrival; pages of a list go by it. Never shown."""
    id: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits in hex; the address of the result page."""
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Digest of the request that made the row: the same request again finds the row instead of making another."""
    assignment_id: Mapped[str | None] = mapped_column(ForeignKey("assignments.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    """Who handed it in; null for rows from before there were accounts."""
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    rubric: Mapped[str] = mapped_column(String(200))
    suite: Mapped[str] = mapped_column(String(200))
    """Name of the suite's folder below `Settings.rubrics`; empty when the suite is a blob (`Attempt.suite_id`)."""
    kind: Mapped[str] = mapped_column(String(20))
    """`repository` or `notebook`."""
    filename: Mapped[str | None] = mapped_column(String(255))
    """As the browser sent it, without folders; for people and for the file's ending, never a path."""
    size: Mapped[int | None]
    blob: Mapped[str | None] = mapped_column(String(80))
    """Digest of the stored bytes: the upload itself, or the tree that was cloned."""
    source_url: Mapped[str | None] = mapped_column(String(2000))
    commit: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[State] = mapped_column(String(20))
    points: Mapped[float | None]
    max_points: Mapped[float | None]
    passed: Mapped[bool | None]

    attempts: Mapped[list[Attempt]] = relationship(back_populates="submission", order_by="Attempt.number")


class Attempt(Base):
    """One grading of a submission. It is written once: whoever finishes it first is the one who counts.

    `state` "received" is the outbox: the queue has not been told yet (or must be told again after `due_at`).
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        CheckConstraint(_STATE_CHECK, name="state"),
        # Open attempts are few however long the history is; the reconciler reads only these.
        Index("ix_attempts_open", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_attempts_regrade", "regrade_id"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """`<submission id>-<number>`; names the containers and the progress stream."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    number: Mapped[int]
    suite_id: Mapped[str | None] = mapped_column(ForeignKey("suites.id"))
    """The suite that judges; null for `Submission.suite`."""
    regrade_id: Mapped[str | None] = mapped_column(ForeignKey("regrades.id"))
    counts: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False for an attempt of a regrade that nobody has applied: it is a dry run and shows nowhere else."""
    state: Mapped[State] = mapped_column(String(20))
    queue: Mapped[str] = mapped_column(String(20))
    job_timeout: Mapped[int]
    """Seconds a worker may spend on it."""
    job_id: Mapped[str | None] = mapped_column(String(60))
    sends: Mapped[int] = mapped_column(default=0)
    """How often a job was made for it; part of the job's id."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often a worker began it."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not before this."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The worker that runs it is taken for dead after this."""
    worker: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(2000))
    """Why it was rejected, or what broke (for staff)."""
    place: Mapped[str | None] = mapped_column(String(500))
    fix: Mapped[str | None] = mapped_column(String(2000))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    artifacts: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """Digests of what is kept beside the report: `notebook.ipynb`, executed, its page `notebook.html`, and for staff
    `candidate.log` and `examiner.log`."""

    submission: Mapped[Submission] = relationship(back_populates="attempts")
