"""The table of an assignment's submissions: searched, filtered, sorted, and read page by page by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from grader.db.marking import Grade
from grader.db.school import Assignment, Extension, Group, Person
from grader.db.tables import STATES, Submission
from grader.errors import BadInput

Sort = Literal["received", "student", "file", "state", "points"]
SORTS: tuple[Sort, ...] = get_args(Sort)
SEARCH_LENGTH = 200

_KEYS: Mapping[Sort, ColumnElement[Any]] = {
    "received": Submission.seq.expression,
    "student": func.lower(func.coalesce(Person.name, "")),
    "file": func.lower(func.coalesce(Submission.filename, Submission.source_url, "")),
    "state": Submission.state.expression,
    "points": func.coalesce(Submission.points, -1.0),
}


@dataclass(frozen=True)
class Wanted:
    """Which submissions to list, and how. Empty text and None mean: whichever.

    `waiting` are counting ones with a criterion that a person must mark; `counting` those that are somebody's grade.
    """

    text: str = ""
    state: str = ""
    late: bool | None = None
    passed: bool | None = None
    waiting: bool = False
    counting: bool = False
    group: str = ""
    sort: Sort = "received"
    ascending: bool = False
    after: str = ""
    """Id of the last submission of the page before."""


@dataclass(frozen=True)
class Row:
    """One submission with what a table says of it."""

    submission: Submission
    person: Person | None
    group: Group | None
    late: bool
    counting: bool
    waiting: bool


def wanted(arguments: Mapping[str, str]) -> Wanted:
    """What a page's address asks for.

    Raises:
        BadInput: a word that is none of those a filter knows.
    """
    sort = _one(arguments, "sort", SORTS) or "received"
    yes_no = {"": None, "yes": True, "no": False}
    return Wanted(
        text=arguments.get("q", "").strip()[:SEARCH_LENGTH],
        state=_one(arguments, "state", STATES),
        late=yes_no[_one(arguments, "late", ("yes", "no"))],
        passed=yes_no[_one(arguments, "passed", ("yes", "no"))],
        waiting=_one(arguments, "waiting", ("yes",)) == "yes",
        counting=_one(arguments, "counting", ("yes",)) == "yes",
        group=arguments.get("group", "")[:32],
        sort=next(known for known in SORTS if known == sort),
        ascending=_one(arguments, "order", ("up", "down")) == "up",
        after=arguments.get("after", "")[:32],
    )


def page(session: Session, assignment: Assignment, asked: Wanted, limit: int) -> Sequence[Row]:
    """At most `limit` rows: one query, two with `after`.

    Raises:
        BadInput: `after` names no submission of this assignment.
    """
    late, counting, waiting = _late(assignment), _counts(assignment.id), _waits(assignment.id)
    columns: Select[*tuple[Any, ...]] = select(Submission, Person, Group, late, counting, waiting)
    query = _filtered(columns, assignment, asked)
    key = _KEYS[asked.sort]
    if asked.after:
        query = query.where(_beyond(session, assignment, asked))
    order = (key.asc(), Submission.seq.asc()) if asked.ascending else (key.desc(), Submission.seq.desc())
    rows = session.execute(query.order_by(*order).limit(limit))
    return [Row(row[0], row[1], row[2], bool(row[3]), bool(row[4]), bool(row[5])) for row in rows]


def count(session: Session, assignment: Assignment, asked: Wanted) -> int:
    """How many submissions the filters leave."""
    return session.scalar(_filtered(select(func.count()).select_from(Submission), assignment, asked)) or 0


def _one(arguments: Mapping[str, str], name: str, words: Sequence[str]) -> str:
    value = arguments.get(name, "")
    if value and value not in words:
        raise BadInput(f"“{value[:40]}” is nothing to choose here.", where=name, fix=f"Use one of {', '.join(words)}.")
    return value


def _filtered(query: Select[*tuple[Any, ...]], assignment: Assignment, asked: Wanted) -> Select[*tuple[Any, ...]]:
    own_due = and_(Extension.assignment_id == assignment.id, Extension.person_id == Submission.person_id)
    query = (
        query.outerjoin(Person, Person.id == Submission.person_id)
        .outerjoin(Group, Group.id == Submission.group_id)
        .outerjoin(Extension, own_due)
        .where(Submission.assignment_id == assignment.id)
    )
    if asked.text:
        columns = (Person.name, Person.email, Submission.filename, Submission.source_url, Group.name)
        found = [column.icontains(asked.text, autoescape=True) for column in columns]
        query = query.where(or_(*found, Submission.id == asked.text))
    if asked.state:
        query = query.where(Submission.state == asked.state)
    if asked.passed is not None:
        query = query.where(_passes(assignment.id) if asked.passed else _fails(assignment.id))
    if asked.group:
        query = query.where(Submission.group_id == asked.group)
    if asked.late is not None:
        query = query.where(_late(assignment) if asked.late else ~_late(assignment))
    if asked.waiting:
        query = query.where(_waits(assignment.id))
    if asked.counting:
        query = query.where(_counts(assignment.id))
    return query


def _late(assignment: Assignment) -> ColumnElement[bool]:
    """Received after the date that holds for its student, as `grader.db.rules.effective_due` has it."""
    if assignment.due_at is None:
        return false()
    due = case((Extension.due_at > assignment.due_at, Extension.due_at), else_=assignment.due_at)
    return Submission.received_at > due


def _counts(assignment_id: str) -> ColumnElement[bool]:
    own = and_(Grade.submission_id == Submission.id, Grade.assignment_id == assignment_id)
    return select(Grade.person_id).where(own).exists()


def _waits(assignment_id: str) -> ColumnElement[bool]:
    own = and_(Grade.submission_id == Submission.id, Grade.assignment_id == assignment_id, Grade.pending)
    return select(Grade.person_id).where(own).exists()


def _passes(assignment_id: str) -> ColumnElement[bool]:
    """By its tests alone, or as somebody's grade with the marks that people gave."""
    own = and_(Grade.submission_id == Submission.id, Grade.assignment_id == assignment_id, Grade.passed)
    return or_(Submission.passed.is_(True), select(Grade.person_id).where(own).exists())


def _fails(assignment_id: str) -> ColumnElement[bool]:
    return and_(Submission.state == "graded", ~_passes(assignment_id))


def _beyond(session: Session, assignment: Assignment, asked: Wanted) -> ColumnElement[bool]:
    key = _KEYS[asked.sort]
    last = session.execute(
        select(key, Submission.seq)
        .outerjoin(Person, Person.id == Submission.person_id)
        .where(Submission.id == asked.after, Submission.assignment_id == assignment.id)
    ).one_or_none()
    if last is None:
        raise BadInput("The page before this one cannot be found.", where="after", fix="Begin at the first page.")
    value, seq = last
    if asked.ascending:
        return or_(key > value, and_(key == value, Submission.seq > seq))
    return or_(key < value, and_(key == value, Submission.seq < seq))
