"""The page of a course: its assignments, as one student has them."""

from __future__ import annotations

from flask import Blueprint, render_template

from grader.db import coursework, queries
from grader.web import identity, policy
from grader.web.services import services

pages = Blueprint("courses", __name__)


@pages.get("/courses/<course_id>")
def show(course_id: str) -> str:
    access = identity.course_access(course_id)
    now = queries.now()
    with services().database.read() as session:
        entries = coursework.assignments(session, course_id, access.person.id, now)
    return render_template(
        "student/course.html", access=access, course=access.course, entries=entries, now=now, policy=policy
    )
