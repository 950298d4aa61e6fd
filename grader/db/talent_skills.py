"""Keeps what employers search in line with what learners have shown and what they allow. Callers hold a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db import skillbook
from grader.db.credentials import Badge, Credential
from grader.db.queries import now
from grader.db.school import Person
from grader.db.skillbook import MetaOf
from grader.db.talent import AT_ONCE, Evidence, Learner, LearnerSkill, Skill
from grader.records.skills import Showing, SkillRecord


class _Proof(NamedTuple):
    """A skill, the best of what valid badges prove of it, and how up to date that is."""

    record: SkillRecord
    best: Showing
    badge_id: str
    current: bool


def find_learner(session: Session, person_id: str) -> Learner:
    """A person's row; while there is none, what it would be, which is not stored."""
    found = session.scalar(select(Learner).where(Learner.person_id == person_id))
    return found or Learner(seq=0, person_id=person_id, availability="no", headline="", updated_at=now())


def learner_of(session: Session, person_id: str) -> Learner:
    """A person's row; made when it is first asked for, without consent."""
    found = session.scalar(select(Learner).where(Learner.person_id == person_id))
    if found is None:
        found = Learner(person_id=person_id, availability="no", headline="", updated_at=now())
        session.add(found)
        session.flush()
    return found


def refresh(session: Session, person_id: str, records: Sequence[SkillRecord]) -> int:
    """Write a person's skills anew from their record; returns how many there are.

    Only what a valid badge proves counts: of each skill the best showing among the attempts whose credential is
    issued and neither suspended nor revoked. Called whenever a badge was issued, suspended, revoked or reinstated.
    """
    learner = learner_of(session, person_id)
    proofs = _proofs(records, _valid_badges(session, person_id))
    mine = LearnerSkill.learner_seq == learner.seq
    session.execute(delete(Evidence).where(Evidence.learner_seq == learner.seq))
    session.execute(delete(LearnerSkill).where(mine))
    skills = _named(session, [proof.record for proof in proofs])
    for proof in proofs:
        _add(session, learner, skills[proof.record.key], proof)
    session.flush()
    publish(session, learner)
    return len(proofs)


def mark(session: Session, badge_ids: Collection[str]) -> None:
    """Have the skills of these badges' people computed anew: the badges were issued, or stand otherwise now."""
    for person_id in session.scalars(select(Badge.person_id).where(Badge.id.in_(badge_ids)).distinct()).all():
        learner_of(session, person_id).renew_at = now()


def mark_rubric(session: Session, rubric: str) -> None:
    """The same for all who have shown a skill with a rubric: it has a new version, which makes them outdated."""
    shown = select(Evidence.learner_seq).where(Evidence.rubric == rubric)
    session.execute(update(Learner).where(Learner.seq.in_(shown)).values(renew_at=now()))


def due(session: Session, limit: int = 100) -> Sequence[Learner]:
    """Whose skills are to be computed anew, the longest waiting first."""
    waiting = select(Learner).where(Learner.renew_at.is_not(None), Learner.renew_at <= now())
    return session.scalars(waiting.order_by(Learner.renew_at).limit(limit)).all()


def renew(session: Session, learner: Learner, meta_of: MetaOf) -> None:
    """Compute a learner's skills anew, unless another process has just done so.

    Raises StoreError when a suite cannot be had; nothing has changed then.
    """
    asked_at = learner.renew_at
    held = select(Learner.renew_at).where(Learner.seq == learner.seq).with_for_update()
    if session.scalar(held) != asked_at:
        return
    refresh(session, learner.person_id, skillbook.of_person(session, learner.person_id, meta_of))
    done = (Learner.seq == learner.seq, Learner.renew_at == asked_at)  # unless it was asked for again meanwhile
    session.execute(update(Learner).where(*done).values(renew_at=None))


def put_off(session: Session, learner: Learner, until: datetime) -> None:
    """Try it again later."""
    session.execute(update(Learner).where(Learner.seq == learner.seq).values(renew_at=until))


def publish(session: Session, learner: Learner) -> None:
    """Copy what a learner allows into the rows that searches read. Call it after every change of `learner`."""
    session.flush()
    person = session.get_one(Person, learner.person_id)
    session.execute(
        update(LearnerSkill)
        .where(LearnerSkill.learner_seq == learner.seq)
        .values(
            listed=learner.found_since is not None and person.disabled_at is None,
            country=learner.country,
            available_on=available_on(learner),
        )
    )


def available_on(learner: Learner) -> date | None:
    """The day from which a learner is available: `AT_ONCE`, a date, or None for who is not looking."""
    if learner.availability == "now":
        return AT_ONCE
    return learner.available_from if learner.availability == "from" else None


def _valid_badges(session: Session, person_id: str) -> dict[str, str]:
    """Badges by the attempts that they stand for."""
    rows = session.execute(
        select(Credential.attempt_id, Badge.id)
        .join(Badge, Badge.id == Credential.badge_id)
        .where(Badge.person_id == person_id, Badge.deleted_at.is_(None), Credential.state == "issued")
    )
    return dict(rows.all())


def _proofs(records: Iterable[SkillRecord], badges: dict[str, str]) -> list[_Proof]:
    found = []
    for record in records:
        showings = [one for one in record.history if one.counts and one.attempt in badges]
        if not showings:
            continue
        best = max(showings, key=lambda one: (one.share, one.version))
        current = record.current and (best.rubric, best.version) == (record.best.rubric, record.best.version)
        found.append(_Proof(record, best, badges[best.attempt], current))
    return found


def _named(session: Session, records: Sequence[SkillRecord]) -> dict[str, Skill]:
    """The rows of these skills by key, in the records' words. Two processes may add the same one at the same time."""
    wanted = select(Skill).where(Skill.key.in_([record.key for record in records]))
    known = {row.key: row for row in session.scalars(wanted)}
    new = [
        {"key": record.key, "name": record.name, "uri": record.uri, "levels": list(record.history[-1].levels)}
        for record in sorted(records, key=lambda record: record.key)
        if record.key not in known
    ]
    if new:
        make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(make(Skill).values(new).on_conflict_do_nothing(index_elements=["key"]))
        known = {row.key: row for row in session.scalars(wanted)}
    for record in records:
        row, levels = known[record.key], list(record.history[-1].levels)
        if (row.name, row.levels) != (record.name, levels):
            row.name, row.levels = record.name, levels
    session.flush()
    return known


def _add(session: Session, learner: Learner, skill: Skill, proof: _Proof) -> None:
    best = proof.best
    key = {"learner_seq": learner.seq, "skill_id": skill.id}
    session.add(LearnerSkill(**key, rank=best.rank, achieved_on=best.at.date(), current=proof.current, listed=False))
    session.flush()
    marks = [{"title": m.title, "points": m.points, "max_points": m.max_points} for m in best.marks]
    session.add(
        Evidence(
            **key,
            badge_id=proof.badge_id,
            attempt_id=best.attempt,
            level=best.level,
            share=best.share,
            rubric=best.rubric,
            version=best.version,
            title=best.title,
            marks=marks,
            freshness=proof.record.freshness if best is proof.record.best else "",
        )
    )
