"""Which submissions a comparison of code looks at, and where its result is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader.db.marking import Audit, Grade
from grader.db.school import Assignment, Group, Person, PublishedSuite
from grader.db.tables import Submission


@dataclass(frozen=True)
class Candidate:
    """A submission with whose it is."""

    submission: Submission
    person: Person | None
    group: Group | None

    @property
    def name(self) -> str:
        """The group's name, or the student's."""
        return self.group.name if self.group else self.person.name if self.person else "Somebody"


def candidates(session: Session, assignment_id: str, limit: int) -> Sequence[Candidate]:
    """The newest counting submissions of an assignment, a group's once."""
    counting = select(Grade.submission_id).where(Grade.assignment_id == assignment_id)
    query = _query().where(Submission.id.in_(counting)).order_by(Submission.seq.desc()).limit(limit)
    return [Candidate(*row) for row in session.execute(query)]


def candidates_by_id(session: Session, ids: Collection[str]) -> Mapping[str, Candidate]:
    """The same by id, for a result that names them."""
    query = _query().where(Submission.id.in_(list(ids)))
    return {row[0].id: Candidate(*row) for row in session.execute(query)}


def count(session: Session, assignment_id: str) -> int:
    """How many counting submissions there are."""
    query = select(func.count(func.distinct(Grade.submission_id))).where(Grade.assignment_id == assignment_id)
    return session.scalar(query) or 0


def newest(session: Session, assignment_id: str) -> Audit | None:
    """The note of the newest comparison: `after` holds its result's `blob`, or why it `failed`."""
    query = select(Audit).where(Audit.about == f"similarity:{assignment_id}").order_by(Audit.seq.desc()).limit(1)
    return session.scalar(query)


def suite(session: Session, assignment: Assignment) -> PublishedSuite:
    """What the assignment is judged with."""
    return session.get_one(PublishedSuite, assignment.suite_id)


def _query() -> Select[Submission, Person, Group]:
    return (
        select(Submission, Person, Group)
        .outerjoin(Person, Person.id == Submission.person_id)
        .outerjoin(Group, Group.id == Submission.group_id)
    )
