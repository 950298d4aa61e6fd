"""Links that are sent by mail: to sign in once, and invitations. Only a digest of their secret is kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from grader.db import audit, courses, people
from grader.db.access import digest_of
from grader.db.queries import now
from grader.db.school import Course, CourseRole, Person, Role, SignInLink
from grader.errors import BadInput

LOGIN_MINUTES = 15
INVITATION_DAYS = 14
_RANK: dict[str, int] = {"student": 0, "employer": 0, "instructor": 1, "admin": 2}


@dataclass(frozen=True)
class Invitation:
    """An invitation that stands, with its course. `secret` is known only to who has just made it."""

    link: SignInLink
    course: Course | None
    secret: str = ""


def new_secret() -> str:
    """256 random bits for an address."""
    return secrets.token_urlsafe(32)


def add_login(session: Session, email: str, secret: str) -> bool:
    """Make a link for the account with this address. False when there is none or it is disabled."""
    person = people.by_email(session, email)
    if person is None or person.disabled_at is not None:
        return False
    at = now()
    session.add(
        SignInLink(
            digest=digest_of(secret),
            kind="login",
            email=email,
            created_at=at,
            expires_at=at + timedelta(minutes=LOGIN_MINUTES),
        )
    )
    return True


def find_login(session: Session, secret: str) -> SignInLink | None:
    """The link, while it can be used; looking does not spend it."""
    return _find(session, secret, "login")


def use_login(session: Session, secret: str) -> Person:
    """Spend a link, and every other one to the same address. Raises BadInput when it is not good any more."""
    link = find_login(session, secret)
    person = people.by_email(session, link.email) if link is not None else None
    if link is None or person is None or person.disabled_at is not None or not _spend(session, link.digest):
        raise BadInput("This link has been used, or is too old.", fix="Ask for a new one.")
    others = (SignInLink.email == link.email, SignInLink.kind == "login", SignInLink.used_at.is_(None))
    session.execute(update(SignInLink).where(*others).values(used_at=now()))
    return person


def invite(
    session: Session,
    *,
    email: str,
    name: str | None = None,
    role: Role,
    course: Course | None = None,
    course_role: CourseRole | None = None,
    by: str | None,
    days: int = INVITATION_DAYS,
) -> Invitation:
    """Invite somebody to make an account, and into a course. An older invitation to the same is worth nothing then.

    Raises BadInput for an address or a name that is none.
    """
    email = people.clean_email(email)
    secret, at = new_secret(), now()
    withdraw(session, email, course.id if course else None)
    link = SignInLink(
        digest=digest_of(secret),
        kind="invitation",
        email=email,
        name=people.clean_name(name) if name and name.strip() else None,
        role=role,
        course_id=course.id if course else None,
        course_role=course_role,
        created_by=by,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(link)
    session.flush()
    after = {"email": email, "role": role, "course_role": course_role}
    about = f"invitation:{link.digest[:32]}"
    audit.note(session, "person.invited", about, by=by, course_id=link.course_id, after=after)
    return Invitation(link, course, secret)


def withdraw(session: Session, email: str, course_id: str | None) -> int:
    """Make the invitations of this address to this course (None: to no course) useless. Returns how many there were."""
    same = SignInLink.course_id == course_id if course_id else SignInLink.course_id.is_(None)
    stands = (SignInLink.kind == "invitation", SignInLink.email == email, same, SignInLink.used_at.is_(None))
    result = session.execute(update(SignInLink).where(*stands).values(used_at=now()))
    return result.rowcount if isinstance(result, CursorResult) else 0


def find_invitation(session: Session, secret: str) -> Invitation | None:
    """The invitation, while it stands."""
    link = _find(session, secret, "invitation")
    if link is None:
        return None
    return Invitation(link, session.get(Course, link.course_id) if link.course_id else None)


def accept_new(session: Session, secret: str, *, name: str, password: str) -> Person:
    """Make the account that an invitation is for. `password` is a hash. Raises BadInput."""
    link = _spent_invitation(session, secret)
    person = people.add(session, email=link.email, name=name, role=link.role or "student", password=password)
    _join(session, link, person)
    return person


def accept(session: Session, secret: str, person_id: str) -> Person:
    """Take an invitation with an account that has its address. Raises BadInput."""
    person = people.known(session, person_id)
    link = _find(session, secret, "invitation")
    if link is not None and link.email != person.email:
        raise BadInput(
            f"This invitation is for {link.email}.", where=person.email, fix="Sign in with that address, or ask again."
        )
    link = _spent_invitation(session, secret)
    if link.role is not None and _RANK[link.role] > _RANK[person.role]:
        people.set_role(session, person.id, link.role, by=link.created_by or person.id)
    _join(session, link, person)
    return person


def standing(session: Session, course_id: str | None, limit: int, after: str | None = None) -> Sequence[SignInLink]:
    """Invitations to a course that nobody has taken yet, by address, the outdated ones too."""
    same = SignInLink.course_id == course_id if course_id else SignInLink.course_id.is_(None)
    query = select(SignInLink).where(SignInLink.kind == "invitation", same, SignInLink.used_at.is_(None))
    if after is not None:
        query = query.where(SignInLink.email > after)
    return session.scalars(query.order_by(SignInLink.email).limit(limit)).all()


def _spent_invitation(session: Session, secret: str) -> SignInLink:
    link = _find(session, secret, "invitation")
    if link is None or not _spend(session, link.digest):
        raise BadInput("This invitation has been used, withdrawn, or is too old.", fix="Ask for a new one.")
    return link


def _join(session: Session, link: SignInLink, person: Person) -> None:
    if link.course_id is not None:
        role = link.course_role or "student"
        courses.enrol(session, link.course_id, person.id, role, by=link.created_by, why="by invitation")


def _find(session: Session, secret: str, kind: str) -> SignInLink | None:
    link = session.get(SignInLink, digest_of(secret))
    good = link is not None and link.kind == kind and link.used_at is None and link.expires_at > now()
    return link if good else None


def _spend(session: Session, digest: str) -> bool:
    """Whether this call is the one that used it: of two at the same moment only one is."""
    unused = (SignInLink.digest == digest, SignInLink.used_at.is_(None))
    result = session.execute(update(SignInLink).where(*unused).values(used_at=now()))
    return isinstance(result, CursorResult) and result.rowcount == 1
