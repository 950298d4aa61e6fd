"""The learner's side: what they allow, whom they hide from, who has looked. Callers hold a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from grader.db import audit, contact_data, shortlists, talent_contacts, talent_skills
from grader.db.queries import now
from grader.db.school import Person
from grader.db.talent import (
    AVAILABILITIES,
    Availability,
    Block,
    Learner,
    Organisation,
    TalentView,
)
from grader.errors import BadInput

VIEW_DAYS = 90
"""How far back a learner sees who looked."""
_FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Choices:
    """What a learner tells of themselves, as a form sends it."""

    country: str
    availability: str
    available_from: date | None
    headline: str


class Looked(NamedTuple):
    """How often somebody of an organisation has opened a learner's page."""

    organisation: str
    times: int
    last: datetime


def save(session: Session, person: Person, choices: Choices, countries: frozenset[str]) -> Learner:
    """Change what organisations see. Raises BadInput, having changed nothing.

    Args:
        countries: the codes there are.
    """
    headline = contact_data.headline(choices.headline, person.name)
    if choices.country and choices.country not in countries:
        raise BadInput("There is no such country.", where="country", fix="Choose one from the list.")
    availability = _availability(choices)
    learner = talent_skills.learner_of(session, person.id)
    learner.country, learner.headline = choices.country or None, headline
    learner.availability = availability
    learner.available_from = choices.available_from if availability == "from" else None
    learner.updated_at = now()
    talent_skills.publish(session, learner)
    return learner


def set_found(session: Session, person: Person, *, found: bool) -> Learner:
    """Give the consent to be found, or withdraw it.

    Withdrawing takes effect with the transaction: no search, page or shortlist shows the learner any more, waiting
    requests are declined, and what was shown with accepted ones is shown no longer.
    """
    learner = talent_skills.learner_of(session, person.id)
    if (learner.found_since is not None) == found:
        return learner
    learner.found_since = learner.updated_at = now()
    if not found:
        learner.found_since = None
        talent_contacts.end_all(session, learner.seq)
        shortlists.forget(session, learner.seq)
    what = "talent.consented" if found else "talent.withdrew"
    audit.note(session, what, f"person:{person.id}", by=person.id, course_id=None)
    talent_skills.publish(session, learner)
    return learner


def block(session: Session, person: Person, organisation_id: str) -> Organisation:
    """Hide from an organisation: it forgets the learner. Raises BadInput when there is no such organisation."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise BadInput("There is no such organisation.", where="organisation", fix="Choose one from the list.")
    learner = talent_skills.learner_of(session, person.id)
    if session.get(Block, (learner.seq, organisation_id)) is None:
        session.add(Block(learner_seq=learner.seq, organisation_id=organisation_id, at=now()))
        talent_contacts.end_all(session, learner.seq, organisation_id)
        shortlists.forget(session, learner.seq, organisation_id)
    return organisation


def unblock(session: Session, person: Person, organisation_id: str) -> None:
    """Let an organisation find the learner again."""
    learner = talent_skills.learner_of(session, person.id)
    session.execute(delete(Block).where(Block.learner_seq == learner.seq, Block.organisation_id == organisation_id))


def blocked(session: Session, learner_seq: int) -> Sequence[Organisation]:
    """From whom a learner hides, by name."""
    query = select(Organisation).join(Block, Block.organisation_id == Organisation.id)
    return session.scalars(query.where(Block.learner_seq == learner_seq).order_by(Organisation.name)).all()


def looked(session: Session, learner_seq: int, limit: int = 50) -> Sequence[Looked]:
    """Which organisations opened the learner's page in the last `VIEW_DAYS` days, the latest first."""
    last = func.max(TalentView.at)
    rows = session.execute(
        select(Organisation.name, func.count(), last)
        .join(TalentView, TalentView.organisation_id == Organisation.id)
        .where(TalentView.learner_seq == learner_seq, TalentView.at > now() - timedelta(days=VIEW_DAYS))
        .group_by(Organisation.id, Organisation.name)
        .order_by(last.desc())
        .limit(limit)
    )
    return [Looked(*row) for row in rows]


def note_view(session: Session, learner_seq: int, organisation_id: str, viewer_id: str) -> None:
    """Somebody has opened a learner's page."""
    session.add(TalentView(learner_seq=learner_seq, organisation_id=organisation_id, viewer_id=viewer_id, at=now()))


def _availability(choices: Choices) -> Availability:
    if choices.availability not in AVAILABILITIES:
        raise BadInput("Say whether you are available.", where="availability", fix="Choose one of the three.")
    if choices.availability == "from":
        today = now().date()
        if choices.available_from is None:
            raise BadInput("The date is missing.", where="available_from", fix="Say from when you are available.")
        if not today - timedelta(days=366) <= choices.available_from <= today + _FARTHEST:
            raise BadInput(
                "The date is too far away.", where="available_from", fix="Choose one in the next three years."
            )
    found: Availability = choices.availability
    return found
