"""Courses and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flask import abort, request
from pydantic import Field

from grader.db import courses, coursework, roster
from grader.db.school import Course as Row
from grader.db.school import CourseRole, Enrolment, Person
from grader.web import enrol, identity
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.reading import Invalid
from grader.web.api.values import Line, Mail, Model, Page, Paging, Query, Wrong
from grader.web.services import services


class Course(Model):
    """Assignments and the people who take or teach them."""

    id: str
    title: str
    role: CourseRole | None
    """What you are in it; null for an admin who is not in it."""
    code: str | None
    """Who knows it may enrol as a student; only for who teaches, and null while that is off."""
    created_at: datetime
    archived_at: datetime | None


class NewCourse(Model):
    """A course with nobody in it."""

    title: Line


class CourseChange(Model):
    """What to change; what is left out stays."""

    title: Line = "Course"
    archived: bool = False
    """An archived course takes nothing more; everything in it stays readable."""
    code: bool = False
    """True makes a fresh code to enrol by, false ends enrolling by code."""


class Member(Model):
    """Somebody in a course."""

    person_id: str
    email: str
    name: str
    role: CourseRole
    created_at: datetime
    """Since when."""


class NewMember(Model):
    """Who to add. Somebody without an account is invited by mail."""

    email: Mail
    role: CourseRole = Field(default="student")
    name: Line | None = None
    """For an invitation."""


class Enrolled(Model):
    """What became of somebody."""

    email: str
    """As it is stored."""
    person_id: str | None
    """Null for who was invited and has no account yet."""


class RosterLine(Model):
    """A line of a list and what it does: `enrol` who has an account, `invite` who has none, change the `role` of a
    member, or `nothing`; `waiting` for who was invited before.
    """

    number: int
    name: str
    email: str
    role: CourseRole
    step: Literal["enrol", "invite", "role", "nothing", "waiting"]


class Roster(Model):
    """What a list does, or would do."""

    done: bool
    """False for a trial."""
    lines: list[RosterLine]
    problems: list[Wrong]
    """With any of them a list does nothing."""


class RosterQuery(Query):
    """Whether to do it."""

    trial: bool = False
    """Only say what would be done."""


@operation("GET", "/courses", tag="Courses", query=Paging, answer=Page[Course])
def list_courses(query: Paging) -> Page[Course]:
    """Your courses, newest first and archived ones last; for an admin all courses"""
    person = identity.required()
    after = paging.decode(query, str)
    with services().database.read() as session:
        mine = coursework.of_person(session, person.id)
        roles = {course.id: role for course, role in mine}
        if person.role == "admin":
            found = courses.all_courses(session, query.limit + 1, after[0] if after else None)
            rows = [one.course for one in found]
        else:
            rows = [course for course, _ in mine]
            start = next((place + 1 for place, row in enumerate(rows) if after and row.id == after[0]), 0)
            rows = rows[start : start + query.limit + 1]
    admin = person.role == "admin"
    return paging.page(Course, rows, query, lambda row: (row.id,), lambda row: _course(row, roles.get(row.id), admin))


@operation("POST", "/courses", tag="Courses", scope="admin", body=NewCourse, answer=Course, status=201)
def create_course(body: NewCourse) -> Course:
    """Make a course"""
    by = identity.require_role("admin")
    with services().database.write() as session:
        row = courses.add(session, body.title, by=by.id)
    header("Location", address("show_course", course_id=row.id))
    return _course(row, None, teaches=True)


@operation("GET", "/courses/<course_id>", tag="Courses", answer=Course)
def show_course(course_id: str) -> Course:
    """A course"""
    access = identity.course_access(course_id)
    return _course(access.course, access.enrolment.role if access.enrolment else None, access.teaches)


@operation("PATCH", "/courses/<course_id>", tag="Courses", scope="teach", body=CourseChange, answer=Course)
def change_course(course_id: str, body: CourseChange) -> Course:
    """Let students enrol by code; an admin also renames and archives a course"""
    access = identity.course_access(course_id, teach=True)
    given, by, row = body.model_fields_set, access.person.id, access.course
    if given & {"title", "archived"}:
        identity.require_role("admin")
        identity.scope("admin")
    with services().database.write() as session:
        if "title" in given:
            row = courses.rename(session, row.id, body.title, by=by)
        if "archived" in given:
            row = courses.set_archived(session, row.id, archived=body.archived, by=by)
        if "code" in given:
            row = courses.set_code(session, row.id, on=body.code, by=by)
    return _course(row, access.enrolment.role if access.enrolment else None, teaches=True)


@operation("GET", "/courses/<course_id>/enrolments", tag="Courses", scope="teach", query=Paging, answer=Page[Member])
def list_enrolments(course_id: str, query: Paging) -> Page[Member]:
    """Who is in a course, in the order of their addresses"""
    access = identity.course_access(course_id, teach=True)
    after = paging.decode(query, str)
    with services().database.read() as session:
        rows = courses.members(session, access.course.id, query.limit + 1, after[0] if after else None)
    return paging.page(Member, rows, query, lambda row: (row[0].email,), lambda row: _member(*row))


@operation(
    "POST", "/courses/<course_id>/enrolments", tag="Courses", scope="teach", body=NewMember, answer=Enrolled, status=201
)
def add_enrolment(course_id: str, body: NewMember) -> Enrolled:
    """Put somebody into a course, or change what they are there

    Who has an account is enrolled, who has none is invited; both get a mail.
    """
    access = identity.course_access(course_id, teach=True)
    email, person = enrol.put_in(access, body.email, body.role, body.name)
    header("Location", address("list_enrolments", course_id=course_id))
    return Enrolled(email=email, person_id=person.id if person is not None else None)


@operation(
    "POST", "/courses/<course_id>/enrolments/list", tag="Courses", scope="teach", query=RosterQuery, answer=Roster,
    body_media="text/csv",
)  # fmt: skip
def enrol_list(course_id: str, query: RosterQuery) -> Roster:
    """Put many people into a course

    The body is CSV in UTF-8 with a line `name,email[,role]` for each. It is done as a whole or not at all: with a
    problem in any line the answer is 422 and names them all in `errors`. With `trial=true` nothing is done.
    """
    access = identity.course_access(course_id, teach=True)
    if request.mimetype != "text/csv":
        abort(415, "Send text/csv.")
    text = roster.decode(request.stream.read(roster.BYTES + 1))
    with services().database.read() as session:
        plan = roster.plan(session, access.course.id, text)
    if query.trial:
        return _roster(plan, done=False)
    if plan.problems:
        raise Invalid([{"where": one.where, "detail": one.detail} for one in _roster(plan, done=False).problems])
    return _roster(enrol.apply_list(access, text).plan, done=True)


@operation("DELETE", "/courses/<course_id>/enrolments/<person_id>", tag="Courses", scope="teach", status=204)
def remove_enrolment(course_id: str, person_id: str) -> None:
    """Take somebody out of a course; what they handed in stays"""
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        if session.get(Enrolment, (access.course.id, person_id)) is None:
            abort(404, "This person is not in the course.")
        courses.remove(session, access.course.id, person_id, by=access.person.id)


def _course(row: Row, role: CourseRole | None, teaches: bool) -> Course:
    code = row.code if teaches or role == "instructor" else None
    return Course(
        id=row.id, title=row.title, role=role, code=code, created_at=row.created_at, archived_at=row.archived_at
    )


def _roster(plan: roster.Plan, *, done: bool) -> Roster:
    return Roster(
        done=done,
        lines=[RosterLine.model_validate(line) for line in plan.lines],
        problems=[
            Wrong(where=f"line {problem.line}", detail=f"{problem.text} {problem.fix}") for problem in plan.problems
        ],
    )


def _member(person: Person, row: Enrolment) -> Member:
    return Member(person_id=person.id, email=person.email, name=person.name, role=row.role, created_at=row.created_at)
