"""What a class made of an assignment: how grades and criteria are spread, which tests are hard, how fast feedback is.

Every function is one or two queries over marks, tallies and grades; none reads a report. Dry runs are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, select
from sqlalchemy.orm import Session

from grader.db.marking import Grade, Mark, Review, Tally
from grader.db.school import Assignment, Enrolment
from grader.db.tables import Attempt, Submission

BINS = 10
"""Bars of a distribution over 0 to 100 percent; full marks are in the last one."""
SAMPLE = 2000
"""How many of the newest submissions the waiting times are taken from."""
MANY = 6
"""Students with so many submissions or more are counted together."""


@dataclass(frozen=True)
class Overview:
    """Numbers of people. `graded` have a grade; `passed` and `waiting` (for a person's mark) are among them."""

    students: int
    graded: int
    passed: int
    waiting: int
    late: int
    mean: float | None
    """Mean percent of the final grades."""
    submissions: int

    @property
    def pass_rate(self) -> float | None:
        """Percent of the students with a grade."""
        return 100 * self.passed / self.graded if self.graded else None


@dataclass(frozen=True)
class CriterionSpread:
    """How the counting attempts did in one criterion. `bins` counts them by share of its points."""

    criterion: str
    max_points: float
    count: int
    waiting: int
    mean: float
    full: int
    none: int
    bins: tuple[int, ...]


@dataclass(frozen=True)
class TestTally:
    """How often one test passed, of all its runs."""

    __test__ = False

    test: str
    criterion: str
    runs: int
    passed: int
    seconds: float
    """Mean of a run."""

    @property
    def rate(self) -> float:
        """Percent of its runs that passed."""
        return 100 * self.passed / self.runs if self.runs else 0.0


@dataclass(frozen=True)
class Waiting:
    """How long students waited from handing in to their result; None of all where nothing was graded."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None
    longest: timedelta | None


def overview(session: Session, assignment: Assignment) -> Overview:
    students = select(func.count()).where(Enrolment.course_id == assignment.course_id, Enrolment.role == "student")
    submissions = select(func.count()).where(Submission.assignment_id == assignment.id)
    query = select(
        students.scalar_subquery(),
        submissions.scalar_subquery(),
        func.count(),
        func.count().filter(Grade.passed),
        func.count().filter(Grade.pending),
        func.count().filter(Grade.late_days > 0),
        func.avg(Grade.percent),
    ).where(Grade.assignment_id == assignment.id)
    enrolled, handed_in, graded, passed, waiting, late, mean = session.execute(query).one()
    return Overview(enrolled, graded, passed, waiting, late, float(mean) if mean is not None else None, handed_in)


def grades(session: Session, assignment_id: str) -> tuple[int, ...]:
    """How many students have a final grade in each tenth of 0 to 100 percent."""
    place = _bin(Grade.percent, literal(100.0))
    query = select(place, func.count()).where(Grade.assignment_id == assignment_id).group_by(place)
    return _filled({int(number): count for number, count in session.execute(query)})


def criteria(session: Session, assignment_id: str) -> Mapping[str, CriterionSpread]:
    """The spread of each criterion over the counting attempts, people's marks among them, by its id.

    A group's attempt counts once, however many members it has.
    """
    counting = select(Grade.attempt_id).where(Grade.assignment_id == assignment_id)
    held = and_(
        Review.submission_id == Attempt.submission_id,
        Review.criterion == Mark.criterion,
        Review.replaced_at.is_(None),
        Mark.status == "pending",
    )
    earned = func.coalesce(Review.points, Mark.points)
    waits = and_(Mark.status == "pending", Review.seq.is_(None))
    place = _bin(earned, Mark.max_points)
    query = (
        select(Mark.criterion, place, waits, func.count(), func.sum(earned), func.max(Mark.max_points),
               func.sum(case((earned >= Mark.max_points, 1), else_=0)), func.sum(case((earned <= 0, 1), else_=0)))
        .join(Attempt, Attempt.id == Mark.attempt_id)
        .outerjoin(Review, held)
        .where(Mark.assignment_id == assignment_id, Mark.attempt_id.in_(counting))
        .group_by(Mark.criterion, place, waits)
    )  # fmt: skip
    found: dict[str, list[tuple[int, bool, int, float, float, int, int]]] = defaultdict(list)
    for criterion, number, waiting, count, total, most, full, none in session.execute(query):
        found[criterion].append((int(number), bool(waiting), count, float(total), float(most), int(full), int(none)))
    return {criterion: _spread(criterion, rows) for criterion, rows in found.items()}


def hardest(session: Session, assignment_id: str, suite_id: str, limit: int = 10) -> list[TestTally]:
    """The tests of one suite that passed least often in all its graded runs, hardest first."""
    query = (
        select(Tally)
        .where(Tally.assignment_id == assignment_id, Tally.suite_id == suite_id, Tally.runs > 0)
        .order_by(Tally.passed * 1.0 / Tally.runs, Tally.runs.desc(), Tally.test)
        .limit(limit)
    )
    return [
        TestTally(row.test, row.criterion, row.runs, row.passed, row.seconds / row.runs)
        for row in session.scalars(query)
    ]


def waiting(session: Session, assignment_id: str) -> Waiting:
    """Times to feedback of the newest submissions that were graded: from handing in to the first result."""
    query = (
        select(Submission.received_at, Attempt.finished_at)
        .join(Attempt, and_(Attempt.submission_id == Submission.id, Attempt.number == 1))
        .where(Submission.assignment_id == assignment_id, Attempt.state == "graded")
        .order_by(Submission.seq.desc())
        .limit(SAMPLE)
    )
    times = sorted(finished - received for received, finished in session.execute(query) if finished is not None)
    if not times:
        return Waiting(0, None, None, None)
    return Waiting(len(times), times[(len(times) - 1) // 2], times[int(0.9 * (len(times) - 1))], times[-1])


def attempts(session: Session, assignment_id: str) -> Mapping[int, int]:
    """How many students handed in once, twice and so on; `MANY` stands for that often or more."""
    each = (
        select(func.count().label("times"))
        .where(Submission.assignment_id == assignment_id, Submission.person_id.is_not(None))
        .group_by(Submission.person_id)
        .subquery()
    )
    most = case((each.c.times > MANY, MANY), else_=each.c.times)
    found: dict[int, int] = dict(session.execute(select(most, func.count()).group_by(most)).all())
    return {number: found.get(number, 0) for number in range(1, MANY + 1)}


def _bin(value: Any, most: Any) -> ColumnElement[int]:
    """The tenth of `most` that `value` lies in, from 0; by comparing, since databases differ in how they round."""
    steps: list[Any] = [(value * BINS < most * (number + 1), number) for number in range(BINS - 1)]
    return case(*steps, else_=BINS - 1).cast(Integer)


def _filled(found: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(found.get(number, 0) for number in range(BINS))


def _spread(criterion: str, rows: Sequence[tuple[int, bool, int, float, float, int, int]]) -> CriterionSpread:
    bins: dict[int, int] = defaultdict(int)
    waiting = marked = full = none = 0
    total = 0.0
    for number, waits, count, earned, _, all_of_it, nothing in rows:
        if waits:
            waiting += count
            continue
        bins[number] += count
        marked += count
        total += earned
        full += all_of_it
        none += nothing
    most = max(row[4] for row in rows)
    mean = total / marked if marked else 0.0
    return CriterionSpread(criterion, most, marked, waiting, mean, full, none, _filled(bins))
