"""The leaderboard of an assignment, and grades as files."""

from __future__ import annotations

from flask import Response

from grader.web import leaderboard
from grader.web.api import paging
from grader.web.api.operation import operation
from grader.web.api.values import Model, Page, Paging
from grader.web.desk import export


class Place(Model):
    """A line of a leaderboard. Who has as many points shares the rank."""

    rank: int
    alias: str
    points: float
    mine: bool


@operation("GET", "/assignments/<assignment_id>/leaderboard", tag="Assignments", query=Paging, answer=Page[Place])
def show_leaderboard(assignment_id: str, query: Paging) -> Page[Place]:
    """Who wants to be on it, under a name of their choice: by points that everybody sees, later by final points"""
    key = paging.decode(query, int, str)
    board = leaderboard.board_of(assignment_id, query.limit + 1, (key[0], key[1]) if key else None)
    return paging.page(Place, board.places, query, lambda one: (one.rank, one.alias), Place.model_validate)


@operation(
    "GET", "/assignments/<assignment_id>/grades.csv", tag="Marking", scope="teach", media="text/csv",
    headers=("Content-Disposition",),
)  # fmt: skip
def export_grades(assignment_id: str) -> Response:
    """Grades as CSV, with the points of each criterion; no field is a formula to a spreadsheet"""
    return export.grades_csv(assignment_id)


@operation(
    "GET", "/courses/<course_id>/grades.csv", tag="Marking", scope="teach", media="text/csv",
    headers=("Content-Disposition",),
)  # fmt: skip
def export_course_grades(course_id: str) -> Response:
    """Final points in every assignment of a course as CSV"""
    return export.course_csv(course_id)
