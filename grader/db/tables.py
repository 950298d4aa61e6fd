"""Tables. A submission is what somebody handed in; an attempt is one grading of it.

Times are aware and in UTC. Reports are stored as the text of their JSON, so what was committed is what is read back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

State = Literal["received", "queued", "running", "graded", "rejected", "failed"]
"""received: the row stands, the queue has not been told. The last three are final."""

STATES: tuple[State, ...] = ("received", "queued", "running", "graded", "rejected", "failed")
FINAL: frozenset[State] = frozenset({"graded", "rejected", "failed"})

_OPEN = text("finished_at IS NULL")
_STATE_CHECK = "state IN ({})".format(", ".join(f"'{state}'" for state in STATES))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on every database (SQLite keeps no time zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can drop it on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Submission(Base):
    """One upload or repository address. Points are copied from the last attempt that was graded, for lists."""

    __tablename__ = "submissions"
    __table_args__ = (CheckConstraint(_STATE_CHECK, name="state"),)

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    """Order of arrival; pages of a list go by it. Never shown."""
    id: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits in hex; the address of the result page."""
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Digest of the request that made the row: the same request again finds the row instead of making another."""
    rubric: Mapped[str] = mapped_column(String(200))
    suite: Mapped[str] = mapped_column(String(200))
    """Name of the suite's folder below `Settings.rubrics`."""
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
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """`<submission id>-<number>`; names the containers and the progress stream."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    number: Mapped[int]
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
    """Digests of what is kept beside the report: `notebook.ipynb`, executed, and its page `notebook.html`."""

    submission: Mapped[Submission] = relationship(back_populates="attempts")
