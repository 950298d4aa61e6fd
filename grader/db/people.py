"""Accounts: who can sign in, with what, and as what. Each function works inside the caller's session.

Audit rows of who changed what in somebody's account are about `person:<id>`.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.access import digest_of
from grader.db.queries import new_id, now
from grader.db.school import ROLES, EndedSession, Person, Role, SignInLink
from grader.errors import BadInput

_EMAIL = re.compile(r"[^@\s<>\"(),;:\\]{1,64}@[^@\s<>\"(),;:\\]{1,189}")
NAME_LENGTH = 200
DEMO = {
    "student@demo.invalid": "a student",
    "instructor@demo.invalid": "an instructor",
    "admin@demo.invalid": "an admin",
    "employer@demo.invalid": "an employer",
}
"""People that a demo makes, and what they are. `.invalid` is nobody's: no mail ever reaches them."""


def clean_email(text: str) -> str:
    """An address as it is stored: composed and case-folded. Raises BadInput when it is none."""
    email = unicodedata.normalize("NFC", text.strip()).casefold()
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise BadInput(f"“{text.strip()[:100]}” is no e-mail address.", where="email", fix="Write it as name@host.")
    return email


def clean_name(text: str) -> str:
    """A name on one line. Raises BadInput when it is empty, too long, or has characters that cannot be seen."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise BadInput("The name is missing.", where="name", fix="Write how others should see it.")
    if len(name) > NAME_LENGTH:
        raise BadInput(f"The name is longer than {NAME_LENGTH} characters.", where="name", fix="Shorten it.")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") and char not in "\u200c\u200d" for char in name):
        raise BadInput("The name has characters that cannot be seen.", where="name", fix="Type it instead of pasting.")
    return name


def add(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    password: str | None = None,
    oidc: str | None = None,
    by: str | None = None,
) -> Person:
    """A new account. `password` is a hash. Raises BadInput when there is an account with this address."""
    email = clean_email(email)
    if by_email(session, email) is not None:
        raise BadInput(f"There is an account for {email} already.", where="email", fix="Sign in with it.")
    person = Person(
        id=new_id(),
        email=email,
        name=clean_name(name),
        role=role,
        password=password,
        oidc=oidc,
        session_key=new_id(),
        created_at=now(),
    )
    session.add(person)
    session.flush()
    after = {"email": email, "role": role}
    audit.note(session, "person.added", f"person:{person.id}", by=by or person.id, course_id=None, after=after)
    return person


def by_email(session: Session, email: str) -> Person | None:
    return session.scalar(select(Person).where(Person.email == email))


def by_id(session: Session, person_id: str) -> Person | None:
    return session.get(Person, person_id)


def known(session: Session, person_id: str) -> Person:
    """An account that is known to exist, as it is now."""
    return session.get_one(Person, person_id)


def by_oidc(session: Session, issuer: str, subject: str) -> Person | None:
    return session.scalar(select(Person).where(Person.oidc == f"{issuer} {subject}"))


def seen(session: Session, person_id: str) -> None:
    """Note that somebody has signed in."""
    session.execute(update(Person).where(Person.id == person_id).values(seen_at=now()))


def rename(session: Session, person_id: str, name: str) -> None:
    """Raises BadInput."""
    known(session, person_id).name = clean_name(name)


def set_password(session: Session, person_id: str, hashed: str) -> Person:
    """A new password ends every session and every unused link; the caller begins a new session."""
    person = known(session, person_id)
    had = person.password is not None
    person.password = hashed
    end_sessions(session, person)
    what = "password.changed" if had else "password.set"
    audit.note(session, what, f"person:{person.id}", by=person.id, course_id=None)
    return person


def end_sessions(session: Session, person: Person) -> None:
    """Sign somebody out everywhere, and spend the sign-in links on the way to them."""
    person.session_key = secrets.token_hex(16)
    unused = (SignInLink.email == person.email, SignInLink.kind == "login", SignInLink.used_at.is_(None))
    session.execute(update(SignInLink).where(*unused).values(used_at=now()))
    session.flush()


def end_session(session: Session, session_id: str, *, until: datetime) -> None:
    """End one session. `until` is when its cookie is too old by itself; rows past theirs are removed."""
    session.execute(delete(EndedSession).where(EndedSession.until < now()))
    if session.get(EndedSession, digest_of(session_id)) is None:
        session.add(EndedSession(digest=digest_of(session_id), until=until))


def set_role(session: Session, person_id: str, role: str, *, by: str | None) -> Person:
    """Raises BadInput: an unknown role, or the last admin would be gone."""
    person = known(session, person_id)
    if role not in ROLES:
        raise BadInput(f"There is no role “{role[:40]}”.", where="role", fix=f"Choose one of {', '.join(ROLES)}.")
    if person.role == role:
        return person
    if person.role == "admin":
        _another_admin(session, person)
    before = {"role": person.role}
    person.role = role
    audit.note(
        session, "role.changed", f"person:{person.id}", by=by, course_id=None, before=before, after={"role": role}
    )
    return person


def set_disabled(session: Session, person_id: str, *, disabled: bool, by: str | None) -> Person:
    """Shut an account or open it again. Raises BadInput when it is the last admin's."""
    person = known(session, person_id)
    if (person.disabled_at is not None) == disabled:
        return person
    if disabled and person.role == "admin":
        _another_admin(session, person)
    person.disabled_at = now() if disabled else None
    if disabled:
        end_sessions(session, person)
    what = "person.disabled" if disabled else "person.enabled"
    audit.note(session, what, f"person:{person.id}", by=by, course_id=None)
    return person


def search(session: Session, text: str, limit: int, after: str | None = None) -> Sequence[Person]:
    """People in the order of their addresses, whose name or address contains `text`; `after` is the last address."""
    query = select(Person).order_by(Person.email).limit(limit)
    if wanted := text.strip():
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", wanted.casefold()) + "%"
        matches = (Person.email.like(pattern, escape="\\"), func.lower(Person.name).like(pattern, escape="\\"))
        query = query.where(or_(*matches))
    if after is not None:
        query = query.where(Person.email > after)
    return session.scalars(query).all()


def _another_admin(session: Session, person: Person) -> None:
    # All are locked, in one order, so that two admins cannot take the role from each other in the same moment.
    admins = select(Person.id).where(Person.role == "admin", Person.disabled_at.is_(None)).order_by(Person.id)
    if not set(session.scalars(admins.with_for_update())) - {person.id}:
        raise BadInput(f"{person.email} is the only admin.", where="role", fix="Make somebody else an admin first.")
