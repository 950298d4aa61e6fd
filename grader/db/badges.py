"""What learners are awarded: badges follow grades, and an instructor may take one away for a while or for good.

Nothing is signed here. Each change writes a row that the issuing process finds (`Credential.state` ends in `due`), in
the transaction of what brought it about.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.credentials import Badge, Credential, CredentialState, Holder, Share
from grader.db.marking import Grade
from grader.db.school import Assignment, PublishedSuite
from grader.db.tables import Attempt
from grader.errors import BadInput

Standing = Literal["coming", "valid", "expired", "suspended", "revoked"]
LIVE: tuple[CredentialState, ...] = ("due", "issued", "suspend_due", "suspended", "reinstate_due")
"""A credential that stands, or stands still, or is about to."""
_SIGNED: tuple[CredentialState, ...] = ("issued", "suspend_due", "suspended", "reinstate_due", "revoke_due", "revoked")
REPLACED = "A newer credential of the same badge has taken its place."
BELOW = "The grade has changed and is below the pass mark."
DELETED = "Its holder has deleted it."


@dataclass(frozen=True)
class Held:
    """A badge with its newest signed credential, and the one that is about to be signed."""

    badge: Badge
    assignment: Assignment
    credential: Credential | None
    coming: Credential | None

    @property
    def newest(self) -> Credential | None:
        return self.coming or self.credential

    @property
    def title(self) -> str:
        return self.newest.title if self.newest else self.assignment.title

    def standing(self, at: datetime | None = None) -> Standing:
        """How it stands, in one word."""
        signed = self.credential
        if signed is None:
            return "coming" if self.coming else "revoked"
        if signed.state in ("revoke_due", "revoked"):
            return "coming" if self.coming else "revoked"
        if signed.state != "issued":
            return "suspended"
        return "expired" if signed.valid_until is not None and signed.valid_until < (at or _now()) else "valid"


def follow(
    session: Session, assignment: Assignment, person_id: str, grade: Grade | None, *, why: str, by: str | None
) -> None:
    """Bring a learner's badge in line with their grade; called whenever the grade has changed, in its transaction.

    A pass makes a credential due. A pass with another result makes a new one due, which takes the old one's place. A
    grade below the pass mark revokes it. While a reviewer's mark is missing, everything stays as it is. What an
    instructor has suspended or revoked, and what its learner has deleted, is not issued anew.
    """
    if grade is not None and grade.pending:
        return
    badge = session.scalar(select(Badge).where(Badge.person_id == person_id, Badge.assignment_id == assignment.id))
    if grade is None or not grade.passed:
        if badge is not None:
            _end(session, badge, f"{BELOW} {why}", by=by)
        return
    if badge is None:
        badge = Badge(id=secrets.token_hex(16), person_id=person_id, assignment_id=assignment.id, created_at=_now())
        session.add(badge)
        session.flush()
    if badge.barred_at is None and badge.deleted_at is None:
        _award(session, badge, grade, why=why, by=by)


def _award(session: Session, badge: Badge, grade: Grade, *, why: str, by: str | None) -> None:
    attempt = session.get_one(Attempt, grade.attempt_id)
    suite = session.get(PublishedSuite, attempt.suite_id) if attempt.suite_id else None
    if suite is None:  # from before suites were published: nothing says what it was judged by
        return
    current = _live(session, badge.id)
    basis = (attempt.id, grade.points, grade.max_points)
    if current is not None and (current.attempt_id, current.points, current.max_points) == basis:
        return
    if current is not None and current.state == "due":
        _settle_state(current, "dropped", REPLACED)
    make_due(session, badge, attempt, suite, grade, why=why)
    _note(session, "badge.due", badge, by=by, why=why, after={"attempt": attempt.id, "points": grade.points})


def make_due(
    session: Session, badge: Badge, attempt: Attempt, suite: PublishedSuite, grade: Grade, *, why: str
) -> Credential:
    """Put a new credential of a badge into the outbox."""
    last = session.scalar(
        select(Credential.number).where(Credential.badge_id == badge.id).order_by(Credential.number.desc()).limit(1)
    )
    at = _now()
    row = Credential(
        badge_id=badge.id,
        number=(last or 0) + 1,
        state="due",
        why=why[:2000],
        submission_id=attempt.submission_id,
        attempt_id=attempt.id,
        suite_id=suite.id,
        rubric=suite.rubric,
        version=suite.version,
        title=suite.title,
        points=grade.points,
        max_points=grade.max_points,
        created_at=at,
        due_at=at,
    )
    session.add(row)
    session.flush()
    return row


def overlooked(session: Session, limit: int = 200) -> Sequence[Grade]:
    """Passed grades without a badge: those from before badges were issued."""
    query = (
        select(Grade)
        .outerjoin(Badge, (Badge.person_id == Grade.person_id) & (Badge.assignment_id == Grade.assignment_id))
        .join(Attempt, Attempt.id == Grade.attempt_id)
        .where(Grade.passed, Grade.pending.is_(False), Badge.id.is_(None), Attempt.suite_id.is_not(None))
    )
    return session.scalars(query.order_by(Grade.assignment_id, Grade.person_id).limit(limit)).all()


def find(session: Session, badge_id: str) -> Held | None:
    """One badge, deleted or not."""
    return next(iter(_held(session, Badge.id == badge_id)), None)


def of_person(session: Session, person_id: str) -> list[Held]:
    """A learner's badges, the newest first; the deleted ones too."""
    return _held(session, Badge.person_id == person_id)


def some(session: Session, badge_ids: Collection[str]) -> list[Held]:
    """The badges with these ids, the newest first; the deleted ones too."""
    return _held(session, Badge.id.in_(badge_ids))


def of_submission(session: Session, submission_id: str) -> list[Held]:
    """The badges that were awarded for a submission, one for each of its people."""
    awarded = select(Credential.badge_id).where(Credential.submission_id == submission_id)
    return _held(session, Badge.id.in_(awarded))


def history(session: Session, badge_id: str) -> Sequence[Credential]:
    """Every credential of a badge, the newest first."""
    query = select(Credential).where(Credential.badge_id == badge_id, Credential.state != "dropped")
    return session.scalars(query.order_by(Credential.number.desc()).limit(50)).all()


def told_why(credential: Credential) -> str:
    """Why a credential does not stand, for whoever has a copy: an instructor's own words are for its learner alone."""
    if credential.state not in ("revoke_due", "revoked", "suspend_due", "suspended"):
        return ""
    known = next((text for text in (REPLACED, BELOW, DELETED) if credential.why.startswith(text)), "")
    return known or "The school has taken it back and knows the reason."


def by_place(session: Session, status_list: int, index: int) -> Credential | None:
    """The credential that has a place in a status list."""
    where = (Credential.status_list == status_list, Credential.status_index == index)
    return session.scalar(select(Credential).where(*where))


def suspend(session: Session, badge_id: str, *, by: str, why: str) -> None:
    """Take a badge away for a while. Raises BadInput: no reason, or it is not one that is valid."""
    badge, current = _known(session, badge_id, why)
    if current is None or current.state != "issued":
        raise BadInput("Only a valid badge can be suspended.", where="badge", fix="Load the page again.")
    _bar(badge, why)
    _settle_state(current, "suspend_due", why)
    _note(session, "badge.suspended", badge, by=by, why=why)


def revoke(session: Session, badge_id: str, *, by: str, why: str) -> None:
    """Take a badge away for good. Raises BadInput: no reason, or there is nothing to revoke."""
    badge, current = _known(session, badge_id, why)
    if current is None:
        raise BadInput("This badge is revoked already.", where="badge", fix="Load the page again.")
    _bar(badge, why)
    _end(session, badge, why, by=by)


def reinstate(session: Session, badge_id: str, *, by: str, why: str) -> None:
    """Give a badge back: a suspension is lifted; in a revoked one's place a new credential is issued.

    Raises BadInput: no reason, it was not taken away by a person, or its learner's grade does not pass any more.
    """
    badge, current = _known(session, badge_id, why)
    if badge.barred_at is None:
        raise BadInput("Nobody has suspended or revoked this badge.", where="badge", fix="Change the grade instead.")
    grade = session.get(Grade, (badge.assignment_id, badge.person_id))
    if grade is None or not grade.passed:
        raise BadInput("The grade does not pass.", where="badge", fix="A badge stands only for a grade that passes.")
    badge.barred_at = badge.barred_why = None
    _note(session, "badge.reinstated", badge, by=by, why=why)
    if current is not None and current.state in ("suspend_due", "suspended"):
        _settle_state(current, "reinstate_due", why)
    _award(session, badge, grade, why=why, by=by)


def delete(session: Session, badge_id: str, *, by: str) -> None:
    """At its learner's wish: revoke it, end its links and show it to nobody."""
    badge = session.get_one(Badge, badge_id)
    if badge.deleted_at is not None:
        return
    _end(session, badge, DELETED, by=by)
    badge.deleted_at, badge.public, badge.indexed, badge.rerun = _now(), None, False, False
    links = (Share.badge_id == badge_id, Share.revoked_at.is_(None))
    session.execute(update(Share).where(*links).values(revoked_at=_now()))
    _note(session, "badge.deleted", badge, by=by)


def restore(session: Session, badge_id: str, *, by: str) -> None:
    """Issue a deleted badge again, private as it was at first. Raises BadInput when its grade passes no more."""
    badge = session.get_one(Badge, badge_id)
    grade = session.get(Grade, (badge.assignment_id, badge.person_id))
    if badge.deleted_at is None or badge.barred_at is not None or grade is None or not grade.passed:
        raise BadInput("This badge cannot be issued again.", where="badge", fix="Ask the people who teach the course.")
    badge.deleted_at = None
    _note(session, "badge.restored", badge, by=by)
    _award(session, badge, grade, why="Its holder has asked for it again.", by=by)


def holder(session: Session, person_id: str) -> Holder:
    """What a learner has decided; made when it is first asked for."""
    found = session.get(Holder, person_id)
    if found is None:
        found = Holder(person_id=person_id, salt=secrets.token_hex(16), show_name=False)
        session.add(found)
        session.flush()
    return found


def show_name(session: Session, person_id: str, *, show: bool) -> int:
    """Whether badges tell the learner's name: all that are valid are issued anew. Returns how many."""
    choice = holder(session, person_id)
    if choice.show_name == show:
        return 0
    choice.show_name = show
    changed = 0
    for held in of_person(session, person_id):
        grade = session.get(Grade, (held.badge.assignment_id, person_id))
        current = held.credential
        if held.standing() != "valid" or held.coming or current is None or grade is None:
            continue
        attempt, suite = session.get_one(Attempt, current.attempt_id), session.get_one(PublishedSuite, current.suite_id)
        make_due(session, held.badge, attempt, suite, grade, why="Its holder has chosen whether it tells their name.")
        changed += 1
    return changed


def _held(session: Session, where: ColumnElement[bool]) -> list[Held]:
    """Two queries, however many badges."""
    query = select(Badge, Assignment).join(Assignment, Assignment.id == Badge.assignment_id).where(where)
    rows = session.execute(query.order_by(Badge.created_at.desc(), Badge.id)).all()
    mine: defaultdict[str, list[Credential]] = defaultdict(list)
    ids = [badge.id for badge, _ in rows]
    for row in session.scalars(
        select(Credential)
        .where(Credential.badge_id.in_(ids), Credential.state != "dropped")
        .order_by(Credential.number.desc())
    ):
        mine[row.badge_id].append(row)
    return [
        Held(badge, assignment, _first(mine[badge.id], _SIGNED), _first(mine[badge.id], ("due",)))
        for badge, assignment in rows
    ]


def _first(rows: Iterable[Credential], states: tuple[CredentialState, ...]) -> Credential | None:
    return next((row for row in rows if row.state in states), None)


def _live(session: Session, badge_id: str) -> Credential | None:
    return next(iter(_all_live(session, badge_id)), None)


def _all_live(session: Session, badge_id: str) -> Sequence[Credential]:
    """The newest first, held until the transaction ends: the issuing process changes them, too."""
    query = select(Credential).where(Credential.badge_id == badge_id, Credential.state.in_(LIVE))
    held = query.order_by(Credential.number.desc()).with_for_update().execution_options(populate_existing=True)
    return session.scalars(held).all()


def _known(session: Session, badge_id: str, why: str) -> tuple[Badge, Credential | None]:
    if not why.strip():
        raise BadInput("There is no reason.", where="why", fix="Say why: the learner reads it, and it is kept.")
    badge = session.scalar(select(Badge).where(Badge.id == badge_id).with_for_update())
    if badge is None:
        raise BadInput("There is no such badge.", where="badge")
    return badge, _live(session, badge_id)


def _bar(badge: Badge, why: str) -> None:
    badge.barred_at, badge.barred_why = _now(), why[:2000]


def _end(session: Session, badge: Badge, why: str, *, by: str | None) -> None:
    """Revoke what was signed, and drop what was not."""
    rows = _all_live(session, badge.id)
    for row in rows:
        _settle_state(row, "dropped" if row.state == "due" else "revoke_due", why)
    if rows:
        session.flush()
        _note(session, "badge.revoked", badge, by=by, why=why)


def _settle_state(row: Credential, state: CredentialState, why: str) -> None:
    row.state, row.why, row.due_at = state, why[:2000], _now()


def _note(
    session: Session,
    action: str,
    badge: Badge,
    *,
    by: str | None,
    why: str = "",
    after: dict[str, object] | None = None,
) -> None:
    course = session.get_one(Assignment, badge.assignment_id).course_id
    audit.note(session, action, f"badge:{badge.id}", by=by, course_id=course, after=after, why=why)


def _now() -> datetime:
    return datetime.now(UTC)
