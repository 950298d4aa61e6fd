"""The leaderboard of an assignment: for who wants to be on it, under a name of their own choice."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from grader.db import leaderboard, queries, suites
from grader.db.school import Assignment, Enrolment, PublishedSuite
from grader.errors import BadInput
from grader.rubric.model import Rubric
from grader.web import identity
from grader.web.desk.forms import fields
from grader.web.identity import AssignmentAccess
from grader.web.services import services

pages = Blueprint("leaderboard", __name__)

PAGE = 50
_AFTER = re.compile(r"(\d{1,9})-(.{1,60})", re.DOTALL)


@pages.get("/assignments/<assignment_id>/leaderboard")
def show(assignment_id: str) -> str:
    """Ranks by the points that everybody can see while the term runs, by final points once it is over."""
    return _page(_access(assignment_id))


@pages.post("/assignments/<assignment_id>/leaderboard")
def name(assignment_id: str) -> BaseResponse:
    """Choose the name, for all leaderboards of the course, or with an empty one leave them."""
    access = _access(assignment_id)
    try:
        form = fields("alias", "do")
        alias = form["alias"][:200] if form["do"] != "leave" else ""
        with services().database.write() as session:
            leaderboard.set_alias(session, access.course.id, access.person.id, alias)
    except BadInput as problem:
        return Response(_page(access, problem), 422)
    flash("You are on the leaderboards." if alias else "You are on no leaderboard any more.", "good")
    return redirect(url_for("leaderboard.show", assignment_id=assignment_id), 303)


def board_of(assignment_id: str, limit: int, after: tuple[int, str] | None) -> leaderboard.Board:
    """A part of the board as the person of this request may see it; 404 when there is none."""
    access = _access(assignment_id)
    with services().database.read() as session:
        return _board(session, access, _rubric(session, access.assignment), limit, after)


def _page(access: AssignmentAccess, problem: BadInput | None = None) -> str:
    assignment, person = access.assignment, access.person
    final = _is_final(assignment)
    with services().database.read() as session:
        rubric = _rubric(session, assignment)
        enrolment = session.get(Enrolment, (access.course.id, person.id))
        board = _board(session, access, rubric, PAGE + 1, _after(request.args.get("after", "")))
    last = board.places[PAGE - 1] if len(board.places) > PAGE else None
    return render_template(
        "student/leaderboard.html",
        access=access,
        assignment=assignment,
        course=access.course,
        board=board,
        places=board.places[:PAGE],
        after=f"{last.rank}-{last.alias}" if last else None,
        final=final,
        most=rubric.max_points if final else sum(c.points for c in rubric.criteria if c.id in _visible(rubric)),
        alias=enrolment.alias if enrolment is not None else None,
        student=enrolment is not None and enrolment.role == "student",
        problem=problem,
        form=request.form,
    )


def _access(assignment_id: str) -> AssignmentAccess:
    access = identity.assignment_access(assignment_id)
    if not access.assignment.leaderboard:
        abort(404, "This assignment has no leaderboard.")
    return access


def _rubric(session: Session, assignment: Assignment) -> Rubric:
    row = session.get_one(PublishedSuite, assignment.suite_id)
    return suites.open_suite(services().settings, services().blobs, row).rubric


def _board(
    session: Session, access: AssignmentAccess, rubric: Rubric, limit: int, after: tuple[int, str] | None
) -> leaderboard.Board:
    criteria = None if _is_final(access.assignment) else _visible(rubric)
    return leaderboard.board(session, access.assignment, access.person.id, criteria=criteria, limit=limit, after=after)


def _is_final(assignment: Assignment) -> bool:
    """Until the due date nobody learns from others' ranks what hidden criteria are worth."""
    return assignment.due_at is not None and queries.now() > assignment.due_at


def _visible(rubric: Rubric) -> set[str]:
    """Ids of the criteria whose results students see at once: not hidden, and judged by no person."""
    return {c.id for c in rubric.criteria if c.visibility == "visible" and c.review is None}


def _after(text: str) -> tuple[int, str] | None:
    match = _AFTER.fullmatch(text)
    return (int(match[1]), match[2]) if match and match[2].isprintable() else None
