"""Links by which learners show their badges: with a secret, a level of detail, an end, a password, a log of looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.access import digest_of
from grader.db.credentials import DETAILS, Badge, Detail, Share, ShareView
from grader.db.queries import new_id, now
from grader.errors import BadInput

MOST_SHARES = 200
"""Links of one learner that stand."""
MOST_VIEWS = 500
"""Looks through one link that are remembered."""
MOST_DAYS = 3650


def create(
    session: Session,
    person_id: str,
    *,
    share_id: str,
    secret: str,
    badge_id: str | None,
    detail: str,
    label: str,
    days: int | None,
    password: str | None,
) -> Share:
    """Make a link. Only the digest of its secret is kept; `password` is a hash.

    Raises BadInput: another's or a deleted badge, an unknown level of detail, a label or a number of days out of
    bounds, or too many links.
    """
    badge = session.get(Badge, badge_id) if badge_id else None
    if badge_id and (badge is None or badge.person_id != person_id or badge.deleted_at is not None):
        raise BadInput("You have no such badge.", where="badge", fix="Open it from your record.")
    if detail not in DETAILS:
        raise BadInput("Choose how much is shown.", where="detail")
    label = " ".join(label.split())
    if len(label) > 100 or not label.isprintable():
        raise BadInput("The note has more than 100 characters.", where="label", fix="A name is enough.")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A link lasts from 1 to {MOST_DAYS} days.", where="days", fix="Choose one of the list.")
    standing = select(func.count()).where(Share.person_id == person_id, Share.revoked_at.is_(None))
    if (session.scalar(standing) or 0) >= MOST_SHARES:
        raise BadInput(f"You have {MOST_SHARES} links already.", where="share", fix="End those you need no more.")
    at = now()
    row = Share(
        id=share_id,
        person_id=person_id,
        badge_id=badge_id,
        digest=digest_of(secret),
        label=label,
        detail=detail,
        password=password,
        created_at=at,
        expires_at=at + timedelta(days=days) if days is not None else None,
        views=0,
    )
    session.add(row)
    session.flush()
    _note(session, "share.made", row, by=person_id)
    return row


def find(session: Session, secret: str) -> Share | None:
    """The link, while it stands."""
    row = session.scalar(select(Share).where(Share.digest == digest_of(secret)))
    good = row is not None and row.revoked_at is None and (row.expires_at is None or row.expires_at > now())
    return row if good else None


def of_person(session: Session, person_id: str) -> Sequence[Share]:
    """Links that have not been ended, the newest first; those that ran out too."""
    query = select(Share).where(Share.person_id == person_id, Share.revoked_at.is_(None))
    return session.scalars(query.order_by(Share.created_at.desc(), Share.id).limit(MOST_SHARES)).all()


def views(session: Session, share_ids: Sequence[str], each: int = 10) -> Mapping[str, Sequence[ShareView]]:
    """The newest looks through each of these links."""
    place = func.row_number().over(partition_by=ShareView.share_id, order_by=ShareView.seq.desc()).label("place")
    ranked = select(ShareView.seq, place).where(ShareView.share_id.in_(share_ids)).subquery()
    query = select(ShareView).join(ranked, ranked.c.seq == ShareView.seq).where(ranked.c.place <= each)
    found: defaultdict[str, list[ShareView]] = defaultdict(list)
    for row in session.scalars(query.order_by(ShareView.seq.desc())):
        found[row.share_id].append(row)
    return found


def end(session: Session, share_id: str, person_id: str) -> bool:
    """End a link of this learner's. False when it is not theirs or has ended."""
    stands = (Share.id == share_id, Share.person_id == person_id, Share.revoked_at.is_(None))
    result = session.execute(update(Share).where(*stands).values(revoked_at=now()))
    ended = isinstance(result, CursorResult) and result.rowcount == 1
    if ended:
        _note(session, "share.ended", session.get_one(Share, share_id), by=person_id)
    return ended


def looked(session: Session, share_id: str, what: str, agent: str) -> None:
    """Note a look; the oldest are forgotten."""
    session.execute(update(Share).where(Share.id == share_id).values(views=Share.views + 1))
    session.add(ShareView(share_id=share_id, at=now(), what=what, agent=agent[:100]))
    session.flush()
    kept = select(ShareView.seq).where(ShareView.share_id == share_id).order_by(ShareView.seq.desc())
    last = session.scalar(kept.offset(MOST_VIEWS).limit(1))
    if last is not None:
        session.execute(delete(ShareView).where(ShareView.share_id == share_id, ShareView.seq <= last))


def publish(session: Session, badge: Badge, *, public: Detail | None, indexed: bool, rerun: bool, by: str) -> None:
    """Set what a badge's own address shows to everybody."""
    before = {"public": badge.public, "indexed": badge.indexed, "rerun": badge.rerun}
    badge.public, badge.indexed, badge.rerun = public, indexed and public is not None, rerun
    after = {"public": badge.public, "indexed": badge.indexed, "rerun": badge.rerun}
    if before != after:
        audit.note(session, "badge.shown", f"sharing:{badge.id}", by=by, course_id=None, before=before, after=after)


def new_share_id() -> str:
    return new_id()


def _note(session: Session, action: str, row: Share, *, by: str) -> None:
    after = {"badge": row.badge_id, "detail": row.detail, "password": row.password is not None}
    audit.note(session, action, f"share:{row.id}", by=by, course_id=None, after=after)
