"""Groups of students who hand in together, and whose work is whose."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.db import audit
from grader.db.school import Assignment, Group, GroupMember, Person
from grader.db.tables import Submission
from grader.errors import BadInput

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that are taken for another when read aloud or copied by hand."""
_CODE_LENGTH = 8


def group_of(session: Session, assignment_id: str, person_id: str) -> Group | None:
    """The group that a student is in for an assignment."""
    query = select(Group).join(GroupMember, GroupMember.group_id == Group.id)
    return session.scalar(query.where(_membership(assignment_id, person_id)))


def members(session: Session, group_id: str) -> Sequence[Person]:
    """Everybody in a group, by name."""
    query = select(Person).join(GroupMember, GroupMember.person_id == Person.id)
    return session.scalars(query.where(GroupMember.group_id == group_id).order_by(Person.name, Person.id)).all()


def is_member(session: Session, group_id: str, person_id: str) -> bool:
    query = select(GroupMember.person_id).where(GroupMember.group_id == group_id, GroupMember.person_id == person_id)
    return session.scalar(query) is not None


def owners(session: Session, submission: Submission) -> list[str]:
    """Ids of those whose work a submission is: its student, or everybody in its group. In order."""
    if submission.group_id is None:
        return [submission.person_id] if submission.person_id else []
    query = select(GroupMember.person_id).where(GroupMember.group_id == submission.group_id)
    return list(session.scalars(query.order_by(GroupMember.person_id)))


def work_of(assignment_id: str, person_id: str, group_id: str | None) -> ColumnElement[bool]:
    """Condition on `Submission`: a student's work for an assignment, which is the group's when there is one."""
    if group_id is None:
        own = and_(Submission.person_id == person_id, Submission.group_id.is_(None))
    else:  # by its members first: people have an index, groups need none
        people = select(GroupMember.person_id).where(GroupMember.group_id == group_id)
        own = and_(Submission.person_id.in_(people), Submission.group_id == group_id)
    return and_(own, Submission.assignment_id == assignment_id)


def create(session: Session, assignment: Assignment, person_id: str, name: str) -> Group:
    """Make a group with this student in it; others join by its `code`.

    Raises BadInput: work done alone, already in a group, handed in alone, or the name is empty, long or taken.
    """
    _may_change(session, assignment, person_id)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise BadInput("A group needs a name of 1 to 100 characters.", where="name", fix="Choose another name.")
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    group = Group(id=secrets.token_hex(16), assignment_id=assignment.id, name=name, code=code)
    try:
        with session.begin_nested():
            session.add(group)
    except IntegrityError as error:
        raise BadInput(f"There is a group called {name} already.", where="name", fix="Choose another name.") from error
    _enter(session, group, person_id)
    _note(session, "group.created", assignment, group, person_id)
    return group


def join(session: Session, assignment: Assignment, person_id: str, code: str) -> Group:
    """Add a student to the group with this code. Raises BadInput: no such group, it is full, or as `create`."""
    _may_change(session, assignment, person_id)
    wanted = "".join(code.split()).lower()
    query = select(Group).where(Group.assignment_id == assignment.id, Group.code == wanted)
    group = session.scalar(query.with_for_update())  # two who join at once take turns
    if group is None:
        raise BadInput("No group of this assignment has that code.", where="code", fix="Ask a member to copy it again.")
    if _count(session, group.id) >= assignment.group_size:
        raise BadInput(
            f"The group {group.name} has {assignment.group_size} members already.",
            where="code",
            fix="Join another group, or make one.",
        )
    _enter(session, group, person_id)
    _note(session, "group.joined", assignment, group, person_id)
    return group


def leave(session: Session, assignment: Assignment, person_id: str) -> None:
    """Take a student out of their group; a group without members goes. Raises BadInput once it has handed in."""
    group = session.scalar(
        select(Group)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .where(_membership(assignment.id, person_id))
        .with_for_update(of=Group)
    )
    if group is None:
        raise BadInput("You are in no group of this assignment.", where="group")
    if session.scalar(select(Submission.seq).where(work_of(assignment.id, person_id, group.id)).limit(1)) is not None:
        raise BadInput(
            "The group has handed in, so nobody can leave it.",
            where="group",
            fix="Ask the people who teach the course.",
        )
    session.delete(session.get_one(GroupMember, (assignment.id, person_id)))
    session.flush()
    _note(session, "group.left", assignment, group, person_id)
    if not _count(session, group.id):
        session.delete(group)
        session.flush()


def _may_change(session: Session, assignment: Assignment, person_id: str) -> None:
    if assignment.group_size < 2:
        raise BadInput("This assignment is done alone.", where="group")
    hold(session, [person_id])
    if group_of(session, assignment.id, person_id) is not None:
        raise BadInput("You are in a group already.", where="group", fix="Leave it first.")
    if session.scalar(select(Submission.seq).where(work_of(assignment.id, person_id, None)).limit(1)) is not None:
        raise BadInput(
            "You have handed in alone, so you cannot join a group.",
            where="group",
            fix="Ask the people who teach the course.",
        )


def hold(session: Session, people: Sequence[str]) -> None:
    """Make transactions about the same people take turns, on databases where two can write at once."""
    query = select(Person.id).where(Person.id.in_(people)).order_by(Person.id)
    session.execute(query.with_for_update(key_share=True)).all()


def _membership(assignment_id: str, person_id: str) -> ColumnElement[bool]:
    return and_(GroupMember.assignment_id == assignment_id, GroupMember.person_id == person_id)


def _count(session: Session, group_id: str) -> int:
    query = select(func.count()).select_from(GroupMember).where(GroupMember.group_id == group_id)
    return session.scalar(query) or 0


def _enter(session: Session, group: Group, person_id: str) -> None:
    session.add(GroupMember(assignment_id=group.assignment_id, person_id=person_id, group_id=group.id))
    session.flush()


def _note(session: Session, action: str, assignment: Assignment, group: Group, person_id: str) -> None:
    about = f"group:{group.id}"
    audit.note(session, action, about, by=person_id, course_id=assignment.course_id, after={"name": group.name})
