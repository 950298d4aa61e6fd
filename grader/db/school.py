"""Tables of people, courses and assignments. Ids are 128 random bits in hex unless they say otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from grader.db.base import Base, UtcDateTime, one_of

Role = Literal["student", "instructor", "employer", "admin"]
ROLES: tuple[Role, ...] = ("student", "instructor", "employer", "admin")
CourseRole = Literal["student", "instructor"]
COURSE_ROLES: tuple[CourseRole, ...] = ("student", "instructor")
Period = Literal["hour", "day", "week", "ever"]
Counts = Literal["best", "last"]


class Person(Base):
    """Somebody who can sign in. The role says what they may begin; enrolments say what they may do in a course."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Case-folded."""
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(300))
    """Werkzeug's `scrypt:…`; null for who signs in by link or OpenID Connect only."""
    oidc: Mapped[str | None] = mapped_column(String(500), unique=True)
    """`<issuer> <subject>` of the OpenID Connect account."""
    session_key: Mapped[str] = mapped_column(String(32))
    """Part of every session of theirs: a new one signs them out everywhere."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EndedSession(Base):
    """A session whose person has signed out: a copy of its cookie is worth nothing."""

    __tablename__ = "ended_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the session's id, in hex."""
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """The cookie is too old by itself after this, and the row can go."""


class SignInLink(Base):
    """A link sent by mail: to sign in once, or to accept an invitation, which makes the account."""

    __tablename__ = "sign_in_links"
    __table_args__ = (CheckConstraint(one_of("kind", ("login", "invitation")), name="kind"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the secret in the link, in hex."""
    kind: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[Role | None] = mapped_column(String(20))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    course_role: Mapped[CourseRole | None] = mapped_column(String(20))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A key for programs, shown once and kept as its digest."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hex."""
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Course(Base):
    """Assignments and the people who take or teach them."""

    __tablename__ = "courses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    """Who knows it may enrol as a student; null while enrolling by code is off."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Enrolment(Base):
    """A person in a course."""

    __tablename__ = "enrolments"
    __table_args__ = (
        CheckConstraint(one_of("role", COURSE_ROLES), name="role"),
        UniqueConstraint("course_id", "alias"),
        Index("ix_enrolments_person", "person_id"),
    )

    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[CourseRole] = mapped_column(String(20))
    alias: Mapped[str | None] = mapped_column(String(60))
    """Name on the course's leaderboards; null for who has not asked to be on them."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PublishedSuite(Base):
    """One version of a rubric suite, by content; it never changes. `folder` or `blob` says where it is."""

    __tablename__ = "suites"
    __table_args__ = (UniqueConstraint("course_id", "digest"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    rubric: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    max_points: Mapped[float]
    pass_mark: Mapped[float] = mapped_column(default=60.0, server_default="60")
    """Percent that passes."""
    attempts: Mapped[int] = mapped_column(default=10, server_default="10")
    """The rubric's own limit: so many for each `attempts_per`."""
    attempts_per: Mapped[Period] = mapped_column(String(10), default="day", server_default="day")
    digest: Mapped[str] = mapped_column(String(80))
    """Of the suite's files, as reports have it."""
    folder: Mapped[str | None] = mapped_column(String(200))
    """Below `Settings.rubrics`, for suites that come with the installation; the digest must still fit when used."""
    blob: Mapped[str | None] = mapped_column(String(80))
    """A tar of the folder."""
    source: Mapped[str | None] = mapped_column(String(2000))
    """Git address and commit, or the upload's name."""
    published_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Assignment(Base):
    """A suite, given to a course with dates and rules. Times are UTC."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(one_of("counts", ("best", "last")), name="counts"),
        Index("ix_assignments_course", "course_id", "position"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    suite_id: Mapped[str] = mapped_column(ForeignKey("suites.id"))
    """The version that new submissions are graded with."""
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Nothing is taken after this, however late the policy allows it to be."""
    penalty: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Percent of the points that each day begun after the due date takes off."""
    grace_days: Mapped[int] = mapped_column(default=0, server_default="0")
    """Days late that cost nothing."""
    attempts: Mapped[int | None]
    """Graded attempts for each `attempts_per`; null for the rubric's own rule."""
    attempts_per: Mapped[Period | None] = mapped_column(String(10))
    group_size: Mapped[int] = mapped_column(default=1, server_default="1")
    """Most members of a group; 1 for work done alone."""
    counts: Mapped[Counts] = mapped_column(String(10), default="best", server_default="best")
    leaderboard: Mapped[bool] = mapped_column(default=False, server_default=false())
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Students do not see it before."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Extension(Base):
    """A later due date for one student."""

    __tablename__ = "extensions"

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(500))
    granted_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Group(Base):
    """Students who hand in together; every member gets the grade."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("assignment_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    """Who knows it may join."""


class GroupMember(Base):
    """A student is in one group of an assignment at most."""

    __tablename__ = "group_members"

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
