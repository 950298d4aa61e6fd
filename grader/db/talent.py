"""Tables of employers: learners who may be found, their skills, organisations, requests and shortlists.

`learner_skills` is what a search reads: narrow, and with what it filters by copied into each row, so that one index
gives a page in its order. `grader.db.talent_skills` keeps the copies true in the transaction of every change.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, BigSeq, UtcDateTime, one_of

Availability = Literal["now", "from", "no"]
"""`from` is a date of the learner's; `no` is not looking for work."""
AVAILABILITIES: tuple[Availability, ...] = ("now", "from", "no")
RequestState = Literal["waiting", "accepted", "declined", "withdrawn", "ended"]
"""`withdrawn` by the organisation before an answer; `ended` by the learner: after it nothing is shown any more."""
REQUEST_STATES: tuple[RequestState, ...] = ("waiting", "accepted", "declined", "withdrawn", "ended")
AT_ONCE = date(1970, 1, 1)
"""`available_on` of who is available now."""

_LISTED = {"sqlite": text("listed = 1"), "postgresql": text("listed")}
"""In the very words that SQLAlchemy writes for each of the two: otherwise they do not use the index."""
_RENEWAL = text("renew_at IS NOT NULL")
_WAITING = text("state = 'waiting'")


class Skill(Base):
    """A skill that learners have shown, in the words of the newest rubric that names it."""

    __tablename__ = "skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(500), unique=True)
    """Its address in a framework, or its id where it has none."""
    name: Mapped[str] = mapped_column(String(500))
    uri: Mapped[str | None] = mapped_column(String(500))
    levels: Mapped[list[str]] = mapped_column(JSON)
    """Names, the lowest first: the rank of a level is its place here, counted from 1."""


class Learner(Base):
    """What a person lets employers know of them. Without consent nobody finds them."""

    __tablename__ = "learners"
    __table_args__ = (
        CheckConstraint(one_of("availability", AVAILABILITIES), name="availability"),
        Index("ix_learners_renewal", "renew_at", sqlite_where=_RENEWAL, postgresql_where=_RENEWAL),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    """Never shown: each organisation knows a learner by a name of its own."""
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    found_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When they consented to be found; null without consent."""
    country: Mapped[str | None] = mapped_column(String(2))
    """ISO 3166-1 alpha-2."""
    availability: Mapped[Availability] = mapped_column(String(10), default="no", server_default="no")
    available_from: Mapped[date | None]
    headline: Mapped[str] = mapped_column(String(120), default="", server_default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    renew_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The outbox of skills: not before this are they to be computed anew; null when they are as they should be."""


class LearnerSkill(Base):
    """A skill of a learner that a valid badge proves, as a search needs it."""

    __tablename__ = "learner_skills"
    __table_args__ = (
        Index(
            "ix_learner_skills_best",
            "skill_id", "rank", "achieved_on", "learner_seq", "current", "available_on", "country", "listed",
            sqlite_where=_LISTED["sqlite"], postgresql_where=_LISTED["postgresql"],
        ),
        Index(
            "ix_learner_skills_country",
            "skill_id", "country", "rank", "achieved_on", "learner_seq", "current", "available_on", "listed",
            sqlite_where=_LISTED["sqlite"], postgresql_where=_LISTED["postgresql"],
        ),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    learner_seq: Mapped[int] = mapped_column(ForeignKey("learners.seq", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"), primary_key=True)
    rank: Mapped[int]
    """Of the level, the lowest is 1; 0 when no level was reached."""
    achieved_on: Mapped[date]
    current: Mapped[bool]
    """Whether it was shown with the newest version of its rubric."""
    listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Copied: the learner has consented, and can sign in."""
    country: Mapped[str | None] = mapped_column(String(2))
    """Copied."""
    available_on: Mapped[date | None]
    """Copied: `AT_ONCE`, their date, or null for who is not looking."""


class Evidence(Base):
    """What proves a learner's skill: beside it and not in it, so that searches read little."""

    __tablename__ = "learner_evidence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["learner_seq", "skill_id"],
            ["learner_skills.learner_seq", "learner_skills.skill_id"],
            name="fk_learner_evidence_learner_seq",
            ondelete="CASCADE",
        ),
        Index("ix_learner_evidence_badge", "badge_id"),
        Index("ix_learner_evidence_rubric", "rubric"),
    )

    learner_seq: Mapped[int] = mapped_column(BigSeq, primary_key=True, autoincrement=False)
    skill_id: Mapped[int] = mapped_column(primary_key=True)
    badge_id: Mapped[str] = mapped_column(ForeignKey("badges.id", ondelete="CASCADE"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    level: Mapped[str | None] = mapped_column(String(64))
    share: Mapped[float]
    """Percent of the points that prove the skill."""
    rubric: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    marks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What was tested: `title`, `points` and `max_points` of each criterion."""
    freshness: Mapped[str] = mapped_column(String(1000))
    """A sentence."""


class Organisation(Base):
    """An employer. Its members share what they find."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    about: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """For learners whom it asks for contact."""
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when its members find nobody."""


class OrganisationMember(Base):
    """A person is a member of one organisation at most."""

    __tablename__ = "organisation_members"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrganisationInvitation(Base):
    """Who may join an organisation: the account with this address."""

    __tablename__ = "organisation_invitations"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    """Case-folded."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    invited_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Block(Base):
    """An organisation that must not find a learner."""

    __tablename__ = "talent_blocks"

    learner_seq: Mapped[int] = mapped_column(ForeignKey("learners.seq", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContactRequest(Base):
    """An organisation asks a learner whether they may talk. Only when it is accepted does it learn who they are."""

    __tablename__ = "contact_requests"
    __table_args__ = (
        CheckConstraint(one_of("state", REQUEST_STATES), name="state"),
        Index(
            "ix_contact_requests_waiting",
            "organisation_id",
            "learner_seq",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_contact_requests_organisation", "organisation_id", "seq"),
        Index("ix_contact_requests_learner", "learner_seq", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    learner_seq: Mapped[int] = mapped_column(ForeignKey("learners.seq", ondelete="CASCADE"))
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    message: Mapped[str] = mapped_column(String(2000))
    state: Mapped[RequestState] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    """The learner's, for the organisation."""


class RequestBadge(Base):
    """A badge that a learner shows with a request that they accepted."""

    __tablename__ = "contact_request_badges"

    request_seq: Mapped[int] = mapped_column(ForeignKey("contact_requests.seq", ondelete="CASCADE"), primary_key=True)
    badge_id: Mapped[str] = mapped_column(ForeignKey("badges.id", ondelete="CASCADE"), primary_key=True, index=True)


class Shortlist(Base):
    """Learners that an organisation has in mind. All its members see and change it."""

    __tablename__ = "shortlists"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShortlistEntry(Base):
    """A learner in a shortlist, with a note for the organisation's members."""

    __tablename__ = "shortlist_entries"
    __table_args__ = (Index("ix_shortlist_entries_learner", "learner_seq"),)

    shortlist_id: Mapped[str] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"), primary_key=True)
    learner_seq: Mapped[int] = mapped_column(ForeignKey("learners.seq", ondelete="CASCADE"), primary_key=True)
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    added_by: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalentView(Base):
    """Somebody of an organisation has looked at a learner's page. The learner sees the organisation."""

    __tablename__ = "talent_views"
    __table_args__ = (Index("ix_talent_views_learner", "learner_seq", "at"),)

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    learner_seq: Mapped[int] = mapped_column(ForeignKey("learners.seq", ondelete="CASCADE"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    viewer_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
