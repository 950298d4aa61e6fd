"""What a class made of an assignment, in figures, charts drawn here, and the tables that say the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response

from grader.db import statistics
from grader.web import identity
from grader.web.desk.blueprint import desk, files_of, page, suite_row
from grader.web.services import services

HARDEST = 12


@desk.get("/assignments/<assignment_id>/statistics")
def show_statistics(assignment_id: str) -> Response:
    """Grades, criteria, hardest tests, waiting times and attempts."""
    access = identity.assignment_access(assignment_id, teach=True)
    assignment = access.assignment
    suite = suite_row(assignment.suite_id)
    with services().database.read() as session:
        values: dict[str, Any] = {
            "overview": statistics.overview(session, assignment),
            "grades": statistics.grades(session, assignment.id),
            "spreads": statistics.criteria(session, assignment.id),
            "hardest": statistics.hardest(session, assignment.id, suite.id, HARDEST),
            "waiting": statistics.waiting(session, assignment.id),
            "attempts": statistics.attempts(session, assignment.id),
        }
    return page(
        "desk/statistics.html",
        access=access,
        suite=suite,
        criteria=files_of(suite).rubric.criteria,
        many=statistics.MANY,
        **values,
    )


@desk.app_template_filter("duration")
def duration(value: timedelta | None) -> str:
    """`12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`; two units are enough."""
    if value is None:
        return "\N{EN DASH}"
    seconds = round(value.total_seconds())
    if seconds < 10:
        return f"{value.total_seconds():.1f} s"
    parts: list[str] = []
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if (number := seconds // length) or parts:
            parts.append(f"{number} {unit}" if number else "")
        seconds %= length
    return " ".join(filter(None, parts[:2]))
