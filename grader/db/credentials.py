"""Tables of badges: what learners have been awarded, what was signed, who may see it, and what everybody may read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, BigSeq, UtcDateTime, one_of

CredentialState = Literal[
    "due", "issued", "revoke_due", "revoked", "suspend_due", "suspended", "reinstate_due", "dropped"
]
"""`…_due` is the outbox of the issuing process. `dropped` was never signed; `revoked` is final."""
CREDENTIAL_STATES: tuple[CredentialState, ...] = (
    "due", "issued", "revoke_due", "revoked", "suspend_due", "suspended", "reinstate_due", "dropped",
)  # fmt: skip
DUE: tuple[CredentialState, ...] = ("due", "revoke_due", "suspend_due", "reinstate_due")

Detail = Literal["badge", "criteria", "evidence"]
"""How much is shown: that it was passed; with the marks and the signed files; with the grading record."""
DETAILS: tuple[Detail, ...] = ("badge", "criteria", "evidence")
TranscriptState = Literal["due", "issued", "failed"]
TRANSCRIPT_STATES: tuple[TranscriptState, ...] = ("due", "issued", "failed")

_WAITING = text(one_of("state", DUE))
_TRANSCRIPT_WAITING = text("state = 'due'")


class Holder(Base):
    """What a learner has decided about the badges that will be issued to them."""

    __tablename__ = "holders"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    """Of the hash of their address; the same in all their badges, so that these can be seen to be one person's."""
    show_name: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether new badges tell their name in plain text."""


class Badge(Base):
    """A passed assignment of a learner. Its id and address stay; what is signed under it may be replaced.

    It is private until its learner makes it public.
    """

    __tablename__ = "badges"
    __table_args__ = (
        UniqueConstraint("person_id", "assignment_id"),
        CheckConstraint(f"public IS NULL OR {one_of('public', DETAILS)}", name="public"),
        Index("ix_badges_assignment", "assignment_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """128 random bits in hex; `/badges/<id>` is its address, and its credential's id."""
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    awarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of the first credential."""
    barred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when nothing new is issued: an instructor has suspended or revoked it."""
    barred_why: Mapped[str | None] = mapped_column(String(2000))
    public: Mapped[Detail | None] = mapped_column(String(20))
    """How much its address shows to everybody; null for nothing."""
    indexed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether search engines may list it."""
    rerun: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether those who are shown the evidence may have the submission graded again."""
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its learner has deleted it."""


class Credential(Base):
    """One signed document of a badge. A newer one of the same badge revokes the older."""

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("badge_id", "number"),
        UniqueConstraint("status_list", "status_index"),
        CheckConstraint(one_of("state", CREDENTIAL_STATES), name="state"),
        Index("ix_credentials_due", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_credentials_rubric", "rubric", "version"),
        Index("ix_credentials_submission", "submission_id"),
    )

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    badge_id: Mapped[str] = mapped_column(ForeignKey("badges.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[CredentialState] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(2000), default="")
    """What brought its state about, for the learner and the staff."""
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    suite_id: Mapped[str] = mapped_column(ForeignKey("suites.id"))
    rubric: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    """The rubric's."""
    points: Mapped[float]
    max_points: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not before this does the issuing process take it up."""
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    problem: Mapped[str | None] = mapped_column(String(2000))
    """Why it could not be signed so far, for staff."""
    status_list: Mapped[int | None]
    status_index: Mapped[int | None]
    issuer: Mapped[str | None] = mapped_column(String(300))
    """The DID that signed it."""
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    json: Mapped[str | None] = mapped_column(Text, deferred=True)
    jwt: Mapped[str | None] = mapped_column(Text, deferred=True)
    record: Mapped[str | None] = mapped_column(Text, deferred=True)
    """The grading record whose digest is signed."""
    images: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """Digests of the blobs `png` and `svg`, with the credential in them."""


class Share(Base):
    """A link by which its learner shows one badge, or all of them, to whoever has it."""

    __tablename__ = "shares"
    __table_args__ = (
        CheckConstraint(one_of("detail", DETAILS), name="detail"),
        Index("ix_shares_person", "person_id", "created_at"),
        Index("ix_shares_badge", "badge_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    badge_id: Mapped[str | None] = mapped_column(ForeignKey("badges.id", ondelete="CASCADE"))
    """Null for all badges."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hex of the link's secret."""
    label: Mapped[str] = mapped_column(String(100))
    """For its learner: whom it was sent to."""
    detail: Mapped[Detail] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(300))
    """Werkzeug's `scrypt:…`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    views: Mapped[int] = mapped_column(default=0, server_default="0")


class ShareView(Base):
    """One look through a share link. Who it was is not kept."""

    __tablename__ = "share_views"
    __table_args__ = (Index("ix_share_views_share", "share_id", "seq"),)

    seq: Mapped[int] = mapped_column(BigSeq, primary_key=True)
    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(String(20))
    """`page`, `json`, `jwt`, `png`, `svg`, `record`, `rerun`, or `refused` after a wrong password."""
    agent: Mapped[str] = mapped_column(String(100))
    """What the browser or program calls itself, shortened."""


class Rerun(Base):
    """A submission graded once more to show that its result holds: a dry attempt that never counts."""

    __tablename__ = "reruns"
    __table_args__ = (Index("ix_reruns_badge", "badge_id", "asked_at"), Index("ix_reruns_attempt", "attempt_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    badge_id: Mapped[str] = mapped_column(ForeignKey("badges.id", ondelete="CASCADE"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    of_attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    """The one that it is compared with."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Transcript(Base):
    """A learner's badges in one signed record (CLR 2.0), made when they ask for it."""

    __tablename__ = "transcripts"
    __table_args__ = (
        CheckConstraint(one_of("state", TRANSCRIPT_STATES), name="state"),
        Index("ix_transcripts_person", "person_id", "asked_at"),
        Index("ix_transcripts_due", "asked_at", sqlite_where=_TRANSCRIPT_WAITING, postgresql_where=_TRANSCRIPT_WAITING),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    state: Mapped[TranscriptState] = mapped_column(String(20))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    badges: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many are in it."""
    problem: Mapped[str | None] = mapped_column(String(2000))
    json: Mapped[str | None] = mapped_column(Text, deferred=True)


class Publication(Base):
    """A file that everybody may read, as the issuing process last wrote it."""

    __tablename__ = "publications"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    """`did`, `status/<n>` or `status/<n>/suspension`."""
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
