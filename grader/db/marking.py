"""Tables of grades and of everything that changes one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, BigSeq, UtcDateTime, one_of

RegradeState = Literal["running", "ready", "applied", "dropped"]
REGRADE_STATES: tuple[RegradeState, ...] = ("running", "ready", "applied", "dropped")
_CURRENT = text("replaced_at IS NULL")
_DUE = text("delivered_at IS NULL AND due_at IS NOT NULL")


class Grade(Base):
    """What a student has in an assignment now: one row, written anew by `grader.db.grades.settle`.

    `points` are the counting attempt's with reviews added; `final_points` are less the penalty for being late.
    """

    __tablename__ = "grades"
    __table_args__ = (Index("ix_grades_person", "person_id"), Index("ix_grades_submission", "submission_id"))

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    points: Mapped[float]
    max_points: Mapped[float]
    late_days: Mapped[int]
    """Days begun after the due date, grace days not counted."""
    final_points: Mapped[float]
    percent: Mapped[float]
    """Of `final_points`."""
    passed: Mapped[bool]
    pending: Mapped[bool]
    """Whether a reviewer's mark is missing."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mark(Base):
    """One criterion of one graded attempt, for statistics that need no report."""

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_assignment", "assignment_id", "criterion"),)

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(64), primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    points: Mapped[float]
    max_points: Mapped[float]
    status: Mapped[str] = mapped_column(String(20))
    metric: Mapped[float | None]


class Tally(Base):
    """How often a test passed, counted as attempts end."""

    __tablename__ = "tallies"

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    suite_id: Mapped[str] = mapped_column(ForeignKey("suites.id"), primary_key=True)
    test: Mapped[str] = mapped_column(String(500), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(64))
    runs: Mapped[int]
    passed: Mapped[int]
    seconds: Mapped[float]
    """Of all runs together."""


class Review(Base):
    """A person's mark for one `review` criterion of a submission. An older one stays, with the time of its end."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index(
            "ix_reviews_current",
            "submission_id",
            "criterion",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    criterion: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(500))
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(Text)
    """Markdown, for the student."""
    reviewer_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Regrade(Base):
    """A new suite version tried on the counting submissions of an assignment; its attempts count once it is applied."""

    __tablename__ = "regrades"
    __table_args__ = (
        CheckConstraint(one_of("state", REGRADE_STATES), name="state"),
        Index("ix_regrades_assignment", "assignment_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    suite_id: Mapped[str] = mapped_column(ForeignKey("suites.id"))
    state: Mapped[RegradeState] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(2000))
    """For the students whose grade it changes."""
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Audit(Base):
    """Who changed what, when, why, from what to what. Rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_about", "about", "seq"), Index("ix_audit_course", "course_id", "seq"))

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    """Null when the system did it."""
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id"))
    action: Mapped[str] = mapped_column(String(60))
    """Such as `grade.settled`, `review.marked`, `regrade.applied`, `extension.granted`, `role.changed`."""
    about: Mapped[str] = mapped_column(String(100))
    """`grade:<assignment id>:<person id>`, `submission:<id>`, `assignment:<id>`, `person:<id>`, …"""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(String(2000), default="")


class Webhook(Base):
    """An address that is told of events, signed with its secret."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Delivery(Base):
    """One event for one webhook: an outbox that workers empty."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_deliveries_webhook", "webhook_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Null once it was given up."""
    tries: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(String(500))
    """Status or error of the last try."""
