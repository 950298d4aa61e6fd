"""Grades of an assignment, what they are made of in numbers, and the log of who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from flask import abort
from pydantic import Field

from grader.db import gradebook, grades, statistics
from grader.web import identity
from grader.web.api import paging
from grader.web.api.operation import operation
from grader.web.api.values import Model, Page, Paging
from grader.web.services import services


class Grade(Model):
    """What a student has in an assignment now."""

    submission_id: str
    """The submission that counts."""
    points: float
    """Of the counting attempt, with reviewers' marks."""
    max_points: float
    late_days: int
    final_points: float
    """Less the penalty for being late."""
    percent: float
    passed: bool
    pending: bool
    """Whether a reviewer's mark is missing."""
    updated_at: datetime


class GradeLine(Model):
    """One student of the course."""

    person_id: str
    name: str
    email: str
    group: str | None
    grade: Grade | None
    """Null for who has none."""
    criteria: dict[str, float]
    """Points by criterion; one that waits for a reviewer is left out."""


class Overview(Model):
    """Numbers of people."""

    students: int
    graded: int
    passed: int
    waiting: int
    """For a reviewer's mark."""
    late: int
    mean: float | None
    """Mean percent of the final grades."""
    submissions: int
    pass_rate: float | None


class CriterionSpread(Model):
    """How the counting attempts did in one criterion."""

    criterion: str
    max_points: float
    count: int
    waiting: int
    mean: float
    full: int
    none: int
    bins: list[int]
    """How many earned each tenth of its points."""


class TestTally(Model):
    """How often one test passed, of all its runs."""

    test: str
    criterion: str
    runs: int
    passed: int
    seconds: float
    """Mean of a run."""


class Waiting(Model):
    """Seconds from handing in to the result, of the newest submissions."""

    count: int
    median: float | None
    ninetieth: float | None
    longest: float | None


class Statistics(Model):
    """What the class made of an assignment."""

    overview: Overview
    grades: list[int]
    """How many students have each tenth of 0 to 100 percent."""
    criteria: list[CriterionSpread]
    hardest: list[TestTally]
    waiting: Waiting
    attempts: dict[str, int]
    """How many students handed in once, twice and so on; `6` is six times or more."""


class GradesQuery(Paging):
    """A class has more students than a page of other things."""

    limit: int = Field(default=200, ge=1, le=500)
    """How many at most."""


@operation(
    "GET",
    "/assignments/<assignment_id>/grades",
    tag="Marking",
    scope="teach",
    query=GradesQuery,
    answer=Page[GradeLine],
)
def list_grades(assignment_id: str, query: GradesQuery) -> Page[GradeLine]:
    """Every student with their grade, or without one"""
    access = identity.assignment_access(assignment_id, teach=True)
    after = paging.decode(query, str)
    entries = gradebook.entries(
        services().database, access.assignment, page=query.limit + 1, after=after[0] if after else ""
    )
    return paging.page(GradeLine, list(islice(entries, query.limit + 1)), query, lambda one: (one.person.id,), _line)


@operation("GET", "/assignments/<assignment_id>/grades/<person_id>", tag="Marking", answer=Grade)
def show_grade(assignment_id: str, person_id: str) -> Grade:
    """A student's grade: your own, or of a course that you teach"""
    access = identity.assignment_access(assignment_id)
    if not access.teaches and access.person.id != person_id:
        _no_grade()
    with services().database.read() as session:
        row = grades.find(session, access.assignment.id, person_id)
    return Grade.model_validate(row) if row is not None else _no_grade()


@operation("GET", "/assignments/<assignment_id>/statistics", tag="Marking", scope="teach", answer=Statistics)
def show_statistics(assignment_id: str) -> Statistics:
    """What the class made of an assignment"""
    assignment = identity.assignment_access(assignment_id, teach=True).assignment
    with services().database.read() as session:
        waiting = statistics.waiting(session, assignment.id)
        return Statistics(
            overview=Overview.model_validate(statistics.overview(session, assignment)),
            grades=list(statistics.grades(session, assignment.id)),
            criteria=[_spread(one) for one in statistics.criteria(session, assignment.id).values()],
            hardest=_hardest(statistics.hardest(session, assignment.id, assignment.suite_id)),
            waiting=Waiting(
                count=waiting.count,
                median=_seconds(waiting.median),
                ninetieth=_seconds(waiting.ninetieth),
                longest=_seconds(waiting.longest),
            ),
            attempts={str(times): count for times, count in statistics.attempts(session, assignment.id).items()},
        )


def _no_grade() -> Grade:
    abort(404, "There is no grade at this address.")


def _line(entry: gradebook.Entry) -> GradeLine:
    person = entry.person
    return GradeLine(
        person_id=person.id,
        name=person.name,
        email=person.email,
        group=entry.group,
        grade=Grade.model_validate(entry.grade) if entry.grade is not None else None,
        criteria=dict(entry.marks),
    )


def _spread(one: statistics.CriterionSpread) -> CriterionSpread:
    names = ("criterion", "max_points", "count", "waiting", "mean", "full", "none")
    return CriterionSpread(bins=list(one.bins), **{name: getattr(one, name) for name in names})


def _hardest(found: Sequence[statistics.TestTally]) -> list[TestTally]:
    return [TestTally.model_validate(one) for one in found]


def _seconds(value: timedelta | None) -> float | None:
    return value.total_seconds() if value is not None else None
