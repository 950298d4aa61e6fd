"""Who is asking, and what of a course, an assignment or a submission they may reach: one query for each question."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from grader.db.school import ApiToken, Assignment, Course, EndedSession, Enrolment, GroupMember, Person
from grader.db.tables import Submission


class CourseFound(NamedTuple):
    course: Course
    enrolment: Enrolment | None


class AssignmentFound(NamedTuple):
    assignment: Assignment
    course: Course
    enrolment: Enrolment | None


class SubmissionFound(NamedTuple):
    """`course_role` is the asking person's, `member` whether they are in the group that handed in."""

    submission: Submission
    assignment: Assignment | None
    course_role: str | None
    member: bool


def digest_of(secret: str) -> str:
    """What is stored of a secret that somebody else keeps: SHA-256 in hex. Enough for 128 random bits and more."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def person_of_session(session: Session, person_id: str, session_key: str, session_id: str) -> Person | None:
    """Whose session this is; None once it has ended, was signed out everywhere, or the account is disabled."""
    ended = select(EndedSession.digest).where(EndedSession.digest == digest_of(session_id)).exists()
    return session.scalar(
        select(Person).where(
            Person.id == person_id, Person.session_key == session_key, Person.disabled_at.is_(None), ~ended
        )
    )


def person_of_token(session: Session, token: str, at: datetime) -> tuple[Person, ApiToken] | None:
    """Whose API token this is; None when it was revoked or is too old, or the account is disabled."""
    lives = and_(ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > at))
    row = session.execute(
        select(Person, ApiToken)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.digest == digest_of(token), lives, Person.disabled_at.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def token_seen(session: Session, token_id: str, at: datetime) -> None:
    """Note that a token was used."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(seen_at=at))


def course(session: Session, course_id: str, person_id: str) -> CourseFound | None:
    row = session.execute(
        select(Course, Enrolment)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == person_id))
        .where(Course.id == course_id)
    ).one_or_none()
    return CourseFound(row[0], row[1]) if row is not None else None


def assignment(session: Session, assignment_id: str, person_id: str) -> AssignmentFound | None:
    row = session.execute(
        select(Assignment, Course, Enrolment)
        .join(Course, Course.id == Assignment.course_id)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == person_id))
        .where(Assignment.id == assignment_id)
    ).one_or_none()
    return AssignmentFound(row[0], row[1], row[2]) if row is not None else None


def submission(session: Session, public_id: str, person_id: str) -> SubmissionFound | None:
    in_course = and_(Enrolment.course_id == Assignment.course_id, Enrolment.person_id == person_id)
    in_group = and_(GroupMember.group_id == Submission.group_id, GroupMember.person_id == person_id)
    row = session.execute(
        select(Submission, Assignment, Enrolment.role, GroupMember.person_id)
        .outerjoin(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(Enrolment, in_course)
        .outerjoin(GroupMember, in_group)
        .where(Submission.id == public_id)
    ).one_or_none()
    return SubmissionFound(row[0], row[1], row[2], row[3] is not None) if row is not None else None
