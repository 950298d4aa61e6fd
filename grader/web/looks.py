"""Who may see how much of a badge: its learner everything, others what a link or the public address shows."""

from __future__ import annotations

import hmac
import re
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from grader.config import load_secret
from grader.db import badges, shares
from grader.db.badges import Held
from grader.db.credentials import DETAILS, Credential, Detail, Share
from grader.web import identity, limits
from grader.web.services import services

LOOKS_A_MINUTE = 120
UNLOCKED_SECONDS = 12 * 3600
_ID = re.compile(r"[0-9a-f]{32}")
_NOTHING = "There is no badge at this address, or it is not shown to you."


@dataclass(frozen=True)
class Look:
    """A badge as somebody may see it. `share` is the link they came by; `own` is its learner's own look."""

    held: Held
    detail: Detail
    share: Share | None = None
    own: bool = False

    def shows(self, detail: Detail) -> bool:
        """Whether so much of it may be shown."""
        return DETAILS.index(detail) <= DETAILS.index(self.detail)

    @property
    def id(self) -> str:
        return self.held.badge.id

    @property
    def rerun(self) -> bool:
        """Whether whoever looks may have it graded again."""
        return self.own or (self.held.badge.rerun and self.shows("evidence"))


def of_badge(badge_id: str) -> Look:
    """A badge at its own address; 404 in the same words for an unknown one, a private one and a deleted one."""
    limits.count("look", limits.address(), LOOKS_A_MINUTE, 60)
    person = identity.current()
    with services().database.read() as session:
        held = badges.find(session, badge_id) if _ID.fullmatch(badge_id) else None
    if held is None or held.badge.deleted_at is not None:
        abort(404, _NOTHING)
    if person is not None and person.id == held.badge.person_id:
        return Look(held, "evidence", own=True)
    if held.badge.public is None:
        abort(404, _NOTHING)
    return Look(held, held.badge.public)


def own_badge(badge_id: str) -> Look:
    """A badge of whoever is signed in, also a deleted one; else 404."""
    person = identity.required()
    with services().database.read() as session:
        held = badges.find(session, badge_id) if _ID.fullmatch(badge_id) else None
    if held is None or held.badge.person_id != person.id:
        abort(404, "You have no such badge.")
    return Look(held, "evidence", own=True)


def of_share(secret: str) -> Share:
    """The link with this secret, while it stands; else 404 in the same words for all."""
    limits.count("look", limits.address(), LOOKS_A_MINUTE, 60)
    with services().database.read() as session:
        share = shares.find(session, secret) if len(secret) <= 100 else None
    if share is None:
        abort(404, "This link leads nowhere: it was ended, has run out, or was not copied whole.")
    return share


def shown_by(session: Session, share: Share) -> list[Look]:
    """What a link shows: its badge, or all badges that its learner has."""
    held = badges.of_person(session, share.person_id)
    mine = [one for one in held if one.badge.deleted_at is None and share.badge_id in (None, one.badge.id)]
    return [Look(one, share.detail, share) for one in mine if one.credential is not None or one.coming]


def is_open(share: Share) -> bool:
    """Whether whoever asks has given the link's password, if it has one."""
    if share.password is None:
        return True
    until, _, mark = request.cookies.get(_cookie(share), "").partition(".")
    good = until.isdecimal() and len(until) < 12 and int(until) > time.time()
    return good and hmac.compare_digest(mark, _mark(share, until))


def unlock(share: Share) -> tuple[str, str]:
    """Name and value of the cookie that keeps a link open for some hours in one browser."""
    until = str(int(time.time()) + UNLOCKED_SECONDS)
    return _cookie(share), f"{until}.{_mark(share, until)}"


def note(share: Share, what: str) -> None:
    """Note a look in the link's log, unless it is its learner's own."""
    person = identity.current()
    if person is not None and person.id == share.person_id:
        return
    agent = request.headers.get("User-Agent", "")
    with services().database.write() as session:
        shares.looked(session, share.id, what, agent if agent.isprintable() else "")


def secret_of(share_id: str) -> str:
    """A link's secret, made from its id with this site's own: so it can be shown again and need not be stored."""
    made = hmac.new(load_secret(services().settings), f"share link {share_id}".encode(), sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")[:32]


def texts(session: Session, seq: int) -> Credential:
    """A credential with what was signed."""
    columns = undefer(Credential.json), undefer(Credential.jwt), undefer(Credential.record)
    return session.scalars(select(Credential).where(Credential.seq == seq).options(*columns)).one()


def _cookie(share: Share) -> str:
    return f"share-{share.id[:16]}"


def _mark(share: Share, until: str) -> str:
    said = f"opened {share.id} {share.password} {until}".encode()
    return hmac.new(load_secret(services().settings), said, sha256).hexdigest()
