"""API tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.access import digest_of
from grader.db.queries import new_id, now
from grader.db.school import ApiToken, Person
from grader.errors import BadInput

PREFIX = "grd_"
"""So that a token in a repository is found by who looks for such things."""
MOST = 50
DAYS = (30, 90, 365)


def scopes_for(person: Person) -> tuple[str, ...]:
    """What this person can give a token; it never opens more than they could open themselves.

    Everybody can give `teach`: a teaching assistant is a student by role.
    """
    if person.role == "admin":
        return ("read", "submit", "teach", "talent", "admin")
    return ("read", "talent") if person.role == "employer" else ("read", "submit", "teach")


def add(
    session: Session, person: Person, *, name: str, scopes: Sequence[str], days: int | None
) -> tuple[ApiToken, str]:
    """A new token and its secret. `days` is how long it lives; None for ever. Raises BadInput."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise BadInput("A token needs a name of 1 to 100 characters.", where="name", fix="Say what will use it.")
    wanted = [scope for scope in scopes_for(person) if scope in scopes]
    if not wanted or set(scopes) - set(wanted):
        raise BadInput("A token needs at least one scope that you have.", where="scopes", fix="Tick what it may do.")
    if days is not None and days not in DAYS:
        raise BadInput("A token lives 30, 90 or 365 days, or for ever.", where="days", fix="Choose one from the list.")
    if len(living(session, person.id)) >= MOST:
        raise BadInput(f"You have {MOST} tokens.", where="name", fix="Revoke one that nothing uses.")
    secret, at = PREFIX + secrets.token_urlsafe(32), now()
    token = ApiToken(
        id=new_id(),
        person_id=person.id,
        name=name,
        digest=digest_of(secret),
        scopes=wanted,
        created_at=at,
        expires_at=at + timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    after = {"name": name, "scopes": wanted}
    audit.note(session, "token.made", f"person:{person.id}", by=person.id, course_id=None, after=after)
    session.flush()
    return token, secret


def living(session: Session, person_id: str) -> Sequence[ApiToken]:
    """Tokens that have not been revoked, newest first; at most `MOST`. Those too old by themselves are among them."""
    mine = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return session.scalars(mine.order_by(ApiToken.created_at.desc()).limit(MOST)).all()


def revoke(session: Session, person_id: str, token_id: str) -> bool:
    """False when this person has no such token."""
    token = session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id or token.revoked_at is not None:
        return False
    token.revoked_at = now()
    about = f"person:{person_id}"
    audit.note(session, "token.revoked", about, by=person_id, course_id=None, before={"name": token.name})
    return True


def count(session: Session, person_id: str) -> int:
    """How many tokens somebody has that are not revoked."""
    mine = (ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return session.scalar(select(func.count()).select_from(ApiToken).where(*mine)) or 0
