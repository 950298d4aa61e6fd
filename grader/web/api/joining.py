"""What students join: courses by code, groups, leaderboards."""

from __future__ import annotations

from flask import abort
from pydantic import Field, model_validator

from grader.db import courses, groups, leaderboard
from grader.db.school import Enrolment
from grader.web import identity
from grader.web.api.courses import Course
from grader.web.api.document import address
from grader.web.api.operation import header, operation
from grader.web.api.values import Line, Model
from grader.web.identity import AssignmentAccess
from grader.web.services import services


class Code(Model):
    """A code that somebody was shown."""

    code: Line


class Alias(Model):
    """A name for leaderboards."""

    alias: str = Field(max_length=leaderboard.ALIAS_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$")
    """An empty one leaves them."""


class GroupMember(Model):
    """A student in a group."""

    id: str
    name: str


class Group(Model):
    """Students who hand in together."""

    id: str
    name: str
    code: str
    """Who knows it may join."""
    members: list[GroupMember]


class GroupWish(Model):
    """Make a group by its name, or join one by its code."""

    name: Line | None = None
    code: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> GroupWish:
        if (self.name is None) == (self.code is None):
            raise ValueError("either name or code")
        return self


@operation("POST", "/courses/join", tag="Courses", scope="submit", body=Code, answer=Course)
def join_course(body: Code) -> Course:
    """Enrol as a student by a course's code"""
    person = identity.required()
    with services().database.write() as session:
        row = courses.join(session, body.code, person.id)
        role = session.get_one(Enrolment, (row.id, person.id)).role
    header("Location", address("show_course", course_id=row.id))
    code = row.code if role == "instructor" else None
    return Course(
        id=row.id, title=row.title, role=role, code=code, created_at=row.created_at, archived_at=row.archived_at
    )


@operation("PUT", "/courses/<course_id>/alias", tag="Courses", scope="submit", body=Alias, status=204)
def set_alias(course_id: str, body: Alias) -> None:
    """Choose your name on the leaderboards of a course, or leave them"""
    access = identity.course_access(course_id)
    if access.enrolment is None:
        abort(404, "There is no course at this address.")
    with services().database.write() as session:
        leaderboard.set_alias(session, access.course.id, access.person.id, body.alias)


@operation("GET", "/assignments/<assignment_id>/group", tag="Assignments", answer=Group)
def show_group(assignment_id: str) -> Group:
    """Your group; 404 while you are in none"""
    return _group(_with_groups(assignment_id))


@operation(
    "POST", "/assignments/<assignment_id>/group", tag="Assignments", scope="submit", body=GroupWish, answer=Group
)
def enter_group(assignment_id: str, body: GroupWish) -> Group:
    """Make a group or join one"""
    access = _with_groups(assignment_id)
    with services().database.write() as session:
        if body.name is not None:
            groups.create(session, access.assignment, access.person.id, body.name)
        else:
            groups.join(session, access.assignment, access.person.id, body.code or "")
    return _group(access)


@operation("DELETE", "/assignments/<assignment_id>/group", tag="Assignments", scope="submit", status=204)
def leave_group(assignment_id: str) -> None:
    """Leave your group, while it has not handed in"""
    access = _with_groups(assignment_id)
    with services().database.write() as session:
        groups.leave(session, access.assignment, access.person.id)


def _with_groups(assignment_id: str) -> AssignmentAccess:
    access = identity.assignment_access(assignment_id)
    if access.assignment.group_size < 2:
        abort(404, "This assignment is done alone.")
    return access


def _group(access: AssignmentAccess) -> Group:
    with services().database.read() as session:
        row = groups.group_of(session, access.assignment.id, access.person.id)
        members = groups.members(session, row.id) if row is not None else []
    if row is None:
        abort(404, "You are in no group of this assignment.")
    return Group(id=row.id, name=row.name, code=row.code, members=[GroupMember.model_validate(one) for one in members])
