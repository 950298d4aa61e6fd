"""Assignments: what a course asks for, by when and by which rules; later dates for single students."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import Field

from grader.db import assignments, coursework, extensions, queries
from grader.db.school import Assignment as Row
from grader.db.school import Counts, Period
from grader.db.tables import State
from grader.web import identity
from grader.web.api.document import address
from grader.web.api.grades import Grade
from grader.web.api.operation import header, operation
from grader.web.api.reach import suite_of
from grader.web.api.values import Id, Line, Model, Reason, When
from grader.web.services import services


class Own(Model):
    """An assignment as the student who asks has it."""

    due_at: datetime | None
    """With their extension."""
    extended: bool
    state: State | None
    """Of what they handed in last."""
    latest_id: str | None
    grade: Grade | None


class Assignment(Model):
    """A suite given to a course. Times are UTC."""

    id: str
    course_id: str
    suite_id: str
    title: str
    max_points: float
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    """Nothing is taken after this."""
    penalty: float
    """Percent of the points that each day begun after the due date takes off."""
    grace_days: int
    attempts: int | None
    """Graded attempts for each `attempts_per`; null for the rubric's own rule."""
    attempts_per: Period | None
    group_size: int
    counts: Counts
    leaderboard: bool
    published_at: datetime | None
    """Since when students see it."""
    own: Own | None
    """Null in lists of who teaches."""


class Assignments(Model):
    """All assignments of a course in its order, 200 at most."""

    items: list[Assignment]


class AssignmentRules(Model):
    """What a teacher decides. Absent fields take their defaults, or stay as they are in a change."""

    title: Line = "Assignment"
    opens_at: When | None = None
    due_at: When | None = None
    closes_at: When | None = None
    penalty: float = Field(default=0.0, ge=0, le=100)
    grace_days: int = Field(default=0, ge=0, le=365)
    attempts: int | None = Field(default=None, ge=1, le=10_000)
    attempts_per: Period | None = None
    group_size: int = Field(default=1, ge=1, le=20)
    counts: Counts = "best"
    leaderboard: bool = False


class NewAssignment(AssignmentRules):
    """A new assignment; students see it once it is published."""

    title: Line
    suite_id: Id
    """A version that is published in the course."""
    published: bool = False


class AssignmentChange(AssignmentRules):
    """What to change; what is left out stays. Grades that follow are settled anew."""

    suite_id: Id = ""
    """Another version, while there are no grades; after that it takes a regrade."""
    published: bool = False


class Extension(Model):
    """A later due date of one student."""

    person_id: str
    due_at: datetime
    why: str
    granted_by: str | None
    granted_at: datetime


class Extensions(Model):
    """All of an assignment."""

    items: list[Extension]


class NewExtension(Model):
    """A later date, and why."""

    due_at: When
    why: Reason


_RULES = tuple(AssignmentRules.model_fields)


@operation("GET", "/courses/<course_id>/assignments", tag="Assignments", answer=Assignments)
def list_assignments(course_id: str) -> Assignments:
    """The assignments of a course; students see the published ones, with how far they are"""
    access = identity.course_access(course_id)
    with services().database.read() as session:
        if access.teaches:
            cards = assignments.cards(session, access.course.id)
            return Assignments(items=[_assignment(card.assignment, card.suite.max_points, None) for card in cards])
        entries = coursework.assignments(session, access.course.id, access.person.id, queries.now())
    return Assignments(items=[_entry(entry) for entry in entries])


@operation("GET", "/assignments/<assignment_id>", tag="Assignments", answer=Assignment)
def show_assignment(assignment_id: str) -> Assignment:
    """An assignment, and how far you are with it"""
    access = identity.assignment_access(assignment_id)
    return _show(access.assignment.id, access.person.id)


@operation(
    "POST", "/courses/<course_id>/assignments", tag="Assignments", scope="teach", body=NewAssignment, answer=Assignment,
    status=201,
)  # fmt: skip
def create_assignment(course_id: str, body: NewAssignment) -> Assignment:
    """Give a suite to a course"""
    access = identity.course_access(course_id, teach=True)
    rules = assignments.Rules(**{name: getattr(body, name) for name in _RULES})
    with services().database.write() as session:
        suite = suite_of(session, access.course.id, body.suite_id)
        row = assignments.create(session, suite, rules, by=access.person.id)
        if body.published:
            assignments.publish(session, row.id, by=access.person.id, published=True)
    header("Location", address("show_assignment", assignment_id=row.id))
    return _show(row.id, access.person.id)


@operation(
    "PATCH", "/assignments/<assignment_id>", tag="Assignments", scope="teach", body=AssignmentChange, answer=Assignment
)
def change_assignment(assignment_id: str, body: AssignmentChange) -> Assignment:
    """Change dates and rules, publish or hide it"""
    access = identity.assignment_access(assignment_id, teach=True)
    by, given = access.person.id, body.model_fields_set
    with services().database.write() as session:
        if "suite_id" in given:
            suite = suite_of(session, access.course.id, body.suite_id)
            assignments.use_suite(session, access.assignment.id, suite, by=by)
        wanted: dict[str, Any] = {name: getattr(body, name) for name in _RULES if name in given}
        rules = replace(assignments.rules_of(session.get_one(Row, access.assignment.id)), **wanted)
        assignments.change(session, access.assignment.id, rules, by=by)
        if "published" in given:
            assignments.publish(session, access.assignment.id, by=by, published=body.published)
    return _show(access.assignment.id, by)


@operation("GET", "/assignments/<assignment_id>/extensions", tag="Assignments", scope="teach", answer=Extensions)
def list_extensions(assignment_id: str) -> Extensions:
    """Who has a later date"""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.read() as session:
        rows = assignments.extensions(session, access.assignment.id)
    return Extensions(items=[Extension.model_validate(row) for row, _ in rows])


@operation(
    "PUT", "/assignments/<assignment_id>/extensions/<person_id>", tag="Assignments", scope="teach", body=NewExtension,
    answer=Extension,
)  # fmt: skip
def grant_extension(assignment_id: str, person_id: str, body: NewExtension) -> Extension:
    """Give a student a later date; their grade is settled anew"""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.write() as session:
        row = extensions.grant(session, access.assignment, person_id, body.due_at, why=body.why, by=access.person.id)
    return Extension.model_validate(row)


@operation(
    "DELETE", "/assignments/<assignment_id>/extensions/<person_id>", tag="Assignments", scope="teach", status=204
)
def withdraw_extension(assignment_id: str, person_id: str) -> None:
    """Take a later date back"""
    access = identity.assignment_access(assignment_id, teach=True)
    with services().database.write() as session:
        extensions.withdraw(session, access.assignment, person_id, why="withdrawn", by=access.person.id)


def _show(assignment_id: str, person_id: str) -> Assignment:
    with services().database.read() as session:
        return _entry(coursework.entry(session, assignment_id, person_id))


def _entry(entry: coursework.Entry) -> Assignment:
    grade = Grade.model_validate(entry.grade) if entry.grade is not None else None
    own = Own(due_at=entry.due_at, extended=entry.extended, state=entry.state, latest_id=entry.latest_id, grade=grade)
    return _assignment(entry.assignment, entry.max_points, own)


def _assignment(row: Row, max_points: float, own: Own | None) -> Assignment:
    names = ("id", "course_id", "suite_id", "published_at", *_RULES)
    return Assignment(max_points=max_points, own=own, **{name: getattr(row, name) for name in names})
