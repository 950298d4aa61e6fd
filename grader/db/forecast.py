"""What a regrade would do to each student's grade, by the very rules that settle grades. Nothing is written."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from grader.db import grades, rules
from grader.db.marking import Grade, Mark, Regrade, Review
from grader.db.school import Assignment, Extension, GroupMember, Person, PublishedSuite
from grader.db.tables import Attempt, Submission


@dataclass(frozen=True)
class CriterionChange:
    """Points of one criterion now and then; None where the rubric of that side has no such criterion."""

    criterion: str
    before: float | None
    after: float | None

    @property
    def delta(self) -> float:
        return round((self.after or 0.0) - (self.before or 0.0), 4)


@dataclass(frozen=True)
class Change:
    """A student's grade now and if the regrade is applied. `before` is None for who has no grade yet."""

    person: Person
    submission_id: str
    """What would count then."""
    before: Grade | None
    after: Mapping[str, Any]
    """The columns of the grade."""
    criteria: tuple[CriterionChange, ...]

    @property
    def delta(self) -> float:
        """Final points gained or, below 0, lost."""
        return round(float(self.after["final_points"]) - (self.before.final_points if self.before else 0.0), 4)

    @property
    def turns(self) -> str:
        """`passes`, `fails` or nothing, when the regrade decides between them."""
        was = bool(self.before and self.before.passed)
        return "" if was == self.after["passed"] else "passes" if self.after["passed"] else "fails"


@dataclass(frozen=True)
class Totals:
    """Numbers of people, and the points that move."""

    people: int
    gain: int
    lose: int
    same: int
    points: float
    passes: int
    fails: int
    criteria: Mapping[str, float]
    """Points gained or lost in each criterion by everybody together."""


def changes(session: Session, regrade: Regrade) -> list[Change]:
    """Everybody whose work the regrade looks at, largest loss first. Seven queries, however many they are."""
    assignment = session.get_one(Assignment, regrade.assignment_id)
    works = _works(session, regrade)
    touched = _touched(session, regrade)
    works = {person: found for person, found in works.items() if touched & {work.submission_id for work in found}}
    held = {row.person_id: row for row in session.scalars(select(Grade).where(Grade.assignment_id == assignment.id))}
    marks = _criteria(session, regrade)
    dates = {
        row.person_id: row for row in session.scalars(select(Extension).where(Extension.assignment_id == assignment.id))
    }
    people = _people(session, regrade)
    found = []
    for person_id, own in works.items():
        attempts = {work.attempt_id: list(marks.get(work.attempt_id, {}).values()) for work in own}
        after = grades.choose(assignment, dates.get(person_id), own, attempts)
        if after is None or person_id not in people:
            continue
        before = held.get(person_id)
        old = marks.get(before.attempt_id, {}) if before else {}
        moved = _moved(old, marks.get(after["attempt_id"], {}))
        found.append(Change(people[person_id], after["submission_id"], before, after, moved))
    return sorted(found, key=lambda change: (change.delta, change.person.name.casefold(), change.person.id))


class Forecasts:
    """Forecasts that are still true: somebody who reads through one asks for it page by page. Safe in many threads."""

    def __init__(self, most: int = 8) -> None:
        """Keep the `most` forecasts that were asked for last."""
        self._most = most
        self._kept: OrderedDict[str, tuple[Any, list[Change]]] = OrderedDict()
        self._lock = threading.Lock()

    def changes(self, session: Session, regrade: Regrade) -> list[Change]:
        """What `changes` says, computed only when anything that it depends on has changed since."""
        state = _state(session, regrade)
        with self._lock:
            kept = self._kept.get(regrade.id)
        found = kept[1] if kept is not None and kept[0] == state else changes(session, regrade)
        with self._lock:
            self._kept[regrade.id] = (state, found)
            self._kept.move_to_end(regrade.id)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def _state(session: Session, regrade: Regrade) -> tuple[Any, ...]:
    """Differs whenever a forecast may. One query. Marks never change, and nobody leaves a group that has handed in."""
    here = regrade.assignment_id
    attempts = select(func.count()).select_from(Attempt).join(Submission, Submission.id == Attempt.submission_id)
    judged = select(func.max(Review.seq)).join(Submission, Submission.id == Review.submission_id)
    row = session.execute(
        select(
            Assignment.due_at,
            Assignment.penalty,
            Assignment.grace_days,
            Assignment.counts,
            attempts.where(_mine(regrade)).scalar_subquery(),
            judged.where(Submission.assignment_id == here).scalar_subquery(),
            select(func.count()).where(Grade.assignment_id == here).scalar_subquery(),
            select(func.max(Grade.updated_at)).where(Grade.assignment_id == here).scalar_subquery(),
            select(func.count()).where(Extension.assignment_id == here).scalar_subquery(),
            select(func.max(Extension.granted_at)).where(Extension.assignment_id == here).scalar_subquery(),
            select(func.count()).where(GroupMember.assignment_id == here).scalar_subquery(),
        ).where(Assignment.id == here)
    ).one()
    return tuple(row)


def totals(found: Iterable[Change]) -> Totals:
    """The sums of a forecast."""
    found = list(found)
    criteria: defaultdict[str, float] = defaultdict(float)
    for change in found:
        for moved in change.criteria:
            criteria[moved.criterion] += moved.delta
    gain, lose = sum(change.delta > 0 for change in found), sum(change.delta < 0 for change in found)
    return Totals(
        people=len(found),
        gain=gain,
        lose=lose,
        same=len(found) - gain - lose,
        points=round(sum(change.delta for change in found), 4),
        passes=sum(change.turns == "passes" for change in found),
        fails=sum(change.turns == "fails" for change in found),
        criteria={criterion: round(points, 4) for criterion, points in criteria.items()},
    )


def _mine(regrade: Regrade) -> Any:
    """Graded attempts of the assignment that count, or would."""
    return and_(
        Submission.assignment_id == regrade.assignment_id,
        Attempt.state == "graded",
        or_(Attempt.counts, Attempt.regrade_id == regrade.id),
    )


def _touched(session: Session, regrade: Regrade) -> set[str]:
    query = select(Attempt.submission_id).where(Attempt.regrade_id == regrade.id, Attempt.state == "graded")
    return set(session.scalars(query))


def _works(session: Session, regrade: Regrade) -> dict[str, list[grades.Work]]:
    """Each person's submissions, oldest first, each by its newest attempt."""
    owner = func.coalesce(GroupMember.person_id, Submission.person_id)
    query = (
        select(owner, Submission.id, Attempt.id, Submission.received_at,
               func.coalesce(PublishedSuite.pass_mark, grades.DEFAULT_PASS_MARK))
        .join(Attempt, Attempt.submission_id == Submission.id)
        .outerjoin(PublishedSuite, PublishedSuite.id == Attempt.suite_id)
        .outerjoin(GroupMember, GroupMember.group_id == Submission.group_id)
        .where(_mine(regrade), owner.is_not(None))
        .order_by(Submission.seq, Attempt.number)
    )  # fmt: skip
    found: defaultdict[str, dict[str, grades.Work]] = defaultdict(dict)
    for person_id, submission_id, attempt_id, received_at, pass_mark in session.execute(query):
        found[person_id][submission_id] = grades.Work(submission_id, attempt_id, received_at, pass_mark)
    return {person_id: list(works.values()) for person_id, works in found.items()}


def _criteria(session: Session, regrade: Regrade) -> Mapping[str, dict[str, dict[str, Any]]]:
    """Criteria by attempt and id, in the form of a report's, with the marks that people have given."""
    reviews = {
        (row.submission_id, row.criterion): rules.ReviewMark(row.level, row.points)
        for row in session.scalars(
            select(Review)
            .join(Submission, Submission.id == Review.submission_id)
            .where(Submission.assignment_id == regrade.assignment_id, Review.replaced_at.is_(None))
        )
    }
    query = (
        # Columns, not rows of `Mark`: there are tens of thousands of them in a large course.
        select(Attempt.submission_id, Mark.attempt_id, Mark.criterion, Mark.points, Mark.max_points, Mark.status)
        .join(Attempt, Attempt.id == Mark.attempt_id)
        .join(Submission, Submission.id == Attempt.submission_id)
        .where(_mine(regrade))
    )
    found: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for submission_id, attempt_id, criterion, points, most, status in session.execute(query):
        plain = {"points": points, "max_points": most, "status": status}
        found[attempt_id][criterion] = dict(rules.reviewed(plain, reviews.get((submission_id, criterion))))
    return found


def _people(session: Session, regrade: Regrade) -> dict[str, Person]:
    handed_in = select(Submission.person_id).where(Submission.assignment_id == regrade.assignment_id)
    grouped = select(GroupMember.person_id).where(GroupMember.assignment_id == regrade.assignment_id)
    query = select(Person).where(or_(Person.id.in_(handed_in), Person.id.in_(grouped)))
    return {person.id: person for person in session.scalars(query)}


def _moved(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> tuple[CriterionChange, ...]:
    """Criteria whose points differ, or that only one side has; in the new rubric's order, then the old one's."""
    names: Sequence[str] = list(dict.fromkeys([*new, *old]))
    both = [CriterionChange(name, _points(old, name), _points(new, name)) for name in names]
    return tuple(change for change in both if change.before != change.after)


def _points(side: Mapping[str, Mapping[str, Any]], name: str) -> float | None:
    return float(side[name]["points"]) if name in side else None
