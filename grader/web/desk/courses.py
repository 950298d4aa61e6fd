"""A course on the desk: its assignments with what waits, its suites, and the log of every grade that changed."""

from __future__ import annotations

from flask import Response, request

from grader.db import assignments, dossier
from grader.errors import BadInput
from grader.web import identity
from grader.web.desk.blueprint import desk, page
from grader.web.services import services

EVENTS = 50


@desk.get("/courses/<course_id>")
def course(course_id: str) -> Response:
    """What there is to do in a course."""
    access = identity.course_access(course_id, teach=True)
    with services().database.read() as session:
        cards = assignments.cards(session, access.course.id)
        suites = assignments.suites(session, access.course.id)
    return page("desk/course.html", access=access, cards=cards, suites=suites)


@desk.get("/courses/<course_id>/audit")
def audit(course_id: str) -> Response:
    """Who changed what and why, newest first; `?about=grades` shows changes of grades alone."""
    access = identity.course_access(course_id, teach=True)
    about, before = request.args.get("about", ""), request.args.get("before", "")
    if about not in ("", "grades") or not (before == "" or (before.isdecimal() and len(before) < 19)):
        raise BadInput("There is no such part of the log.", where="about", fix="Open the log from its link.")
    with services().database.read() as session:
        events = dossier.events_of_course(
            session, access.course.id, EVENTS + 1, before=int(before) if before else None, grades=about == "grades"
        )
    return page("desk/audit.html", access=access, events=events[:EVENTS], more=len(events) > EVENTS, about=about)
