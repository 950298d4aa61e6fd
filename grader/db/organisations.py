"""Organisations of employers, and who is a member. Callers hold a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.db import audit, people
from grader.db.queries import new_id, now
from grader.db.school import Person
from grader.db.talent import Organisation, OrganisationInvitation, OrganisationMember
from grader.errors import BadInput


@dataclass(frozen=True)
class Card:
    """An organisation in a list."""

    organisation: Organisation
    members: int


def add(session: Session, name: str, about: str, *, by: str) -> Organisation:
    """Raises BadInput: no name, or there is one of this name."""
    name = people.clean_name(name)
    same = select(Organisation.id).where(func.lower(Organisation.name) == name.lower())
    if session.scalar(same) is not None:
        raise BadInput(f"There is an organisation “{name}”.", where="name", fix="Open it in the list.")
    row = Organisation(id=new_id(), name=name, about=_about(about), created_by=by, created_at=now())
    session.add(row)
    session.flush()
    audit.note(session, "organisation.added", f"organisation:{row.id}", by=by, course_id=None, after={"name": name})
    return row


def describe(session: Session, organisation_id: str, about: str, *, by: str) -> Organisation:
    """Change what learners read of it. Raises BadInput."""
    row = session.get_one(Organisation, organisation_id)
    before, row.about = row.about, _about(about)
    about_it = f"organisation:{row.id}"
    audit.note(
        session, "organisation.described", about_it, by=by, course_id=None, before={"about": before},
        after={"about": row.about},
    )  # fmt: skip
    return row


def set_closed(session: Session, organisation_id: str, *, closed: bool, by: str) -> Organisation:
    """Shut it, so that its members find nobody, or open it again."""
    row = session.get_one(Organisation, organisation_id)
    if (row.closed_at is not None) != closed:
        row.closed_at = now() if closed else None
        what = "organisation.closed" if closed else "organisation.opened"
        audit.note(session, what, f"organisation:{row.id}", by=by, course_id=None)
    return row


def cards(session: Session, limit: int, after: str | None = None) -> Sequence[Card]:
    """By name; `after` is the last name of the page before."""
    members = (
        select(func.count())
        .where(OrganisationMember.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    query = select(Organisation, members).order_by(Organisation.name).limit(limit)
    if after is not None:
        query = query.where(Organisation.name > after)
    return [Card(*row) for row in session.execute(query)]


def open_ones(session: Session, limit: int = 500) -> Sequence[Organisation]:
    """Those that can look for learners, by name."""
    query = select(Organisation).where(Organisation.closed_at.is_(None))
    return session.scalars(query.order_by(Organisation.name).limit(limit)).all()


def of_member(session: Session, person_id: str) -> Organisation | None:
    """The organisation of a person, unless it is closed."""
    return session.scalar(
        select(Organisation)
        .join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
        .where(OrganisationMember.person_id == person_id, Organisation.closed_at.is_(None))
    )


def members(session: Session, organisation_id: str, limit: int = 200) -> Sequence[tuple[Person, OrganisationMember]]:
    """By address."""
    query = (
        select(Person, OrganisationMember)
        .join(OrganisationMember, OrganisationMember.person_id == Person.id)
        .where(OrganisationMember.organisation_id == organisation_id)
    )
    return list(session.execute(query.order_by(Person.email).limit(limit)))


def invitations(session: Session, organisation_id: str, limit: int = 200) -> Sequence[OrganisationInvitation]:
    """Those that nobody has taken yet, by address."""
    query = select(OrganisationInvitation).where(OrganisationInvitation.organisation_id == organisation_id)
    return session.scalars(query.order_by(OrganisationInvitation.email).limit(limit)).all()


def invitation(session: Session, email: str) -> Organisation | None:
    """The organisation that the account with this address may join."""
    return session.scalar(
        select(Organisation)
        .join(OrganisationInvitation, OrganisationInvitation.organisation_id == Organisation.id)
        .where(OrganisationInvitation.email == email, Organisation.closed_at.is_(None))
    )


def invite(session: Session, organisation_id: str, email: str, *, by: str) -> Person | None:
    """Let the account with this address join; returns it, or None while there is none.

    Raises BadInput: no address, not an employer's account, or a member of an organisation already.
    """
    email = people.clean_email(email)
    person = people.by_email(session, email)
    if person is not None:
        _may_join(session, person)
    row = session.get(OrganisationInvitation, email)
    if row is not None and row.organisation_id != organisation_id:
        raise BadInput(f"{email} is invited by another organisation.", where="email", fix="Withdraw that one first.")
    if row is None:
        session.add(
            OrganisationInvitation(email=email, organisation_id=organisation_id, invited_by=by, invited_at=now())
        )
        _note(session, "organisation.invited", organisation_id, email, by)
    return person


def withdraw(session: Session, organisation_id: str, email: str, *, by: str) -> bool:
    """Take an invitation back. False when there is none."""
    row = session.get(OrganisationInvitation, email)
    if row is None or row.organisation_id != organisation_id:
        return False
    session.delete(row)
    _note(session, "organisation.uninvited", organisation_id, email, by)
    return True


def join(session: Session, person: Person) -> Organisation:
    """Take the invitation to one's address. Raises BadInput when there is none, or not for this account."""
    organisation = invitation(session, person.email)
    if organisation is None:
        raise BadInput("There is no invitation to your address.", where=person.email, fix="Ask an admin for one.")
    _may_join(session, person)
    session.delete(session.get_one(OrganisationInvitation, person.email))
    session.add(OrganisationMember(person_id=person.id, organisation_id=organisation.id, joined_at=now()))
    session.flush()
    _note(session, "organisation.joined", organisation.id, person.email, person.id)
    return organisation


def remove(session: Session, organisation_id: str, person_id: str, *, by: str) -> bool:
    """End a membership. False when there is none."""
    row = session.get(OrganisationMember, person_id)
    if row is None or row.organisation_id != organisation_id:
        return False
    session.delete(row)
    _note(session, "organisation.left", organisation_id, people.known(session, person_id).email, by)
    return True


def _may_join(session: Session, person: Person) -> None:
    if session.get(OrganisationMember, person.id) is not None:
        text = f"{person.email} is a member of an organisation."
        raise BadInput(text, where="email", fix="Take them out there first.")
    if person.role not in ("employer", "admin"):
        text = f"{person.email} has the role {person.role}; learners' data is for employers."
        raise BadInput(text, where="email", fix="Invite another address, or change the role on the page of people.")


def _about(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 500 or not (text.isprintable()):
        raise BadInput("The description is longer than 500 characters.", where="about", fix="Shorten it.")
    return text


def _note(session: Session, action: str, organisation_id: str, email: str, by: str) -> None:
    about = f"organisation:{organisation_id}"
    audit.note(session, action, about, by=by, course_id=None, after={"email": email})
