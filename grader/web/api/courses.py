"""Courses and who is in them."""

from __future__ import annotations

from datetime import datetime

from flask import abort
from pydantic import Field

from grader.db import courses, coursework, people
from grader.db.school import Course as Row
from grader.db.school import CourseRole, Enrolment, Person
from grader.errors import BadInput
from grader.web import identity
from grader.web.api import paging
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.values import Line, Mail, Model, Page, Paging
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
    """Who to add. Somebody without an account is invited on the page of the course."""

    email: Mail
    role: CourseRole = Field(default="student")


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


@operation("PATCH", "/courses/<course_id>", tag="Courses", scope="admin", body=CourseChange, answer=Course)
def change_course(course_id: str, body: CourseChange) -> Course:
    """Rename or archive a course, or let students enrol by code"""
    by = identity.require_role("admin").id
    access = identity.course_access(course_id, teach=True)
    row = access.course
    with services().database.write() as session:
        if "title" in body.model_fields_set:
            row = courses.rename(session, row.id, body.title, by=by)
        if "archived" in body.model_fields_set:
            row = courses.set_archived(session, row.id, archived=body.archived, by=by)
        if "code" in body.model_fields_set:
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
    "POST", "/courses/<course_id>/enrolments", tag="Courses", scope="admin", body=NewMember, answer=Member, status=201
)
def add_enrolment(course_id: str, body: NewMember) -> Member:
    """Put somebody with an account into a course, or change what they are there"""
    by = identity.require_role("admin").id
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        person = people.by_email(session, people.clean_email(body.email))
        if person is None:
            raise BadInput("Nobody has an account with this address.", where="email", fix="Invite them.")
        row = courses.enrol(session, access.course.id, person.id, body.role, by=by)
    header("Location", address("list_enrolments", course_id=course_id))
    return _member(person, row)


@operation("DELETE", "/courses/<course_id>/enrolments/<person_id>", tag="Courses", scope="admin", status=204)
def remove_enrolment(course_id: str, person_id: str) -> None:
    """Take somebody out of a course; what they handed in stays"""
    by = identity.require_role("admin").id
    access = identity.course_access(course_id, teach=True)
    with services().database.write() as session:
        if session.get(Enrolment, (access.course.id, person_id)) is None:
            abort(404, "This person is not in the course.")
        courses.remove(session, access.course.id, person_id, by=by)


def _course(row: Row, role: CourseRole | None, teaches: bool) -> Course:
    code = row.code if teaches or role == "instructor" else None
    return Course(
        id=row.id, title=row.title, role=role, code=code, created_at=row.created_at, archived_at=row.archived_at
    )


def _member(person: Person, row: Enrolment) -> Member:
    return Member(person_id=person.id, email=person.email, name=person.name, role=row.role, created_at=row.created_at)
