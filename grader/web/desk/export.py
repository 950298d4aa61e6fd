"""The gradebook as CSV and JSON, written row by row while it is read: a class of any size takes the same memory."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from flask import Response

from grader.db import assignments, gradebook
from grader.db.gradebook import Entry, Line
from grader.db.school import Assignment, Course
from grader.web import identity
from grader.web.desk.blueprint import desk, files_of, suite_row
from grader.web.services import services

Row = Sequence[str | float | bool | None]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
            "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
COLUMNS = (
    "name", "email", "person", "group", "points", "max_points", "late_days", "final_points", "percent", "passed",
    "pending", "submission", "received_at",
)  # fmt: skip


def safe(value: str | float | bool | None) -> str:
    """A field that no spreadsheet takes for a formula, whoever chose the name in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    text = value.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


@desk.get("/assignments/<assignment_id>/grades.csv")
def grades_csv(assignment_id: str) -> Response:
    """One row for each student, with the points of each criterion."""
    access = identity.assignment_access(assignment_id, teach=True)
    criteria = _criteria(access.assignment)
    rows = (_row(entry, criteria) for entry in gradebook.entries(services().database, access.assignment))
    return _csv([*COLUMNS, *criteria], rows, _filename(access.assignment.title, "csv"))


@desk.get("/assignments/<assignment_id>/grades.json")
def grades_json(assignment_id: str) -> Response:
    """The same as JSON: `{"assignment", "grades": [...]}`."""
    access = identity.assignment_access(assignment_id, teach=True)
    assignment = access.assignment
    head = {"id": assignment.id, "title": assignment.title, "due_at": _iso(assignment.due_at)}
    rows = (_object(entry) for entry in gradebook.entries(services().database, assignment))
    return _json({"assignment": head}, "grades", rows, _filename(assignment.title, "json"))


@desk.get("/courses/<course_id>/grades.csv")
def course_csv(course_id: str) -> Response:
    """One row for each student, with the final points and percent of each assignment."""
    access = identity.course_access(course_id, teach=True)
    listed = _assignments(access.course)
    heads = [f"{assignment.title} ({unit})" for assignment in listed for unit in ("points", "%")]
    rows = (_line(line, listed) for line in gradebook.lines(services().database, access.course.id))
    return _csv(["name", "email", "person", *heads], rows, _filename(access.course.title, "csv"))


@desk.get("/courses/<course_id>/grades.json")
def course_json(course_id: str) -> Response:
    """The same as JSON, with grades by assignment id."""
    access = identity.course_access(course_id, teach=True)
    head = {
        "course": {"id": access.course.id, "title": access.course.title},
        "assignments": {row.id: row.title for row in _assignments(access.course)},
    }
    rows = (_grades_of(line) for line in gradebook.lines(services().database, access.course.id))
    return _json(head, "students", rows, _filename(access.course.title, "json"))


def _csv(head: Sequence[str], rows: Iterable[Row], filename: str) -> Response:
    def write() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
        yield "\N{BYTE ORDER MARK}"  # spreadsheets take a file without one for another encoding
        for row in chain([head], rows):
            writer.writerow([safe(value) for value in row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return _streamed(write(), "text/csv; charset=utf-8", filename)


def _json(head: Mapping[str, Any], name: str, rows: Iterable[Mapping[str, Any]], filename: str) -> Response:
    def write() -> Iterator[str]:
        yield json.dumps(head)[:-1] + f", {json.dumps(name)}: ["
        for number, row in enumerate(rows):
            yield (",\n" if number else "\n") + json.dumps(row)
        yield "\n]}\n"

    return _streamed(write(), "application/json", filename)


def _streamed(parts: Iterator[str], kind: str, filename: str) -> Response:
    response = Response((part.encode() for part in parts), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _filename(title: str, ending: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in title.lower()).strip("-")
    return f"grades-{plain[:60] or 'course'}-{datetime.now(UTC):%Y-%m-%d}.{ending}"


def _criteria(assignment: Assignment) -> list[str]:
    return [criterion.id for criterion in files_of(suite_row(assignment.suite_id)).rubric.criteria]


def _row(entry: Entry, criteria: Sequence[str]) -> Row:
    grade, submission = entry.grade, entry.submission
    person = (entry.person.name, entry.person.email, entry.person.id, entry.group)
    if grade is None:
        return (*person, *(None,) * (len(COLUMNS) - len(person) + len(criteria)))
    return (
        *person, grade.points, grade.max_points, grade.late_days, grade.final_points, grade.percent, grade.passed,
        grade.pending, grade.submission_id, _iso(submission.received_at if submission else None),
        *(entry.marks.get(criterion) for criterion in criteria),
    )  # fmt: skip


def _object(entry: Entry) -> dict[str, Any]:
    grade, submission = entry.grade, entry.submission
    person = {"name": entry.person.name, "email": entry.person.email, "person": entry.person.id, "group": entry.group}
    if grade is None:
        return person | {"grade": None}
    return person | {
        "grade": {
            "points": grade.points, "max_points": grade.max_points, "late_days": grade.late_days,
            "final_points": grade.final_points, "percent": grade.percent, "passed": grade.passed,
            "pending": grade.pending, "submission": grade.submission_id,
            "received_at": _iso(submission.received_at if submission else None), "criteria": dict(entry.marks),
        }
    }  # fmt: skip


def _assignments(course: Course) -> list[Assignment]:
    with services().database.read() as session:
        return [card.assignment for card in assignments.cards(session, course.id)]


def _line(line: Line, listed: Sequence[Assignment]) -> Row:
    found: list[str | float | bool | None] = [line.person.name, line.person.email, line.person.id]
    for assignment in listed:
        grade = line.grades.get(assignment.id)
        found += [grade.final_points, grade.percent] if grade else [None, None]
    return found


def _grades_of(line: Line) -> dict[str, Any]:
    grades = {
        assignment_id: {"final_points": g.final_points, "max_points": g.max_points, "percent": g.percent,
                        "passed": g.passed, "pending": g.pending}
        for assignment_id, g in line.grades.items()
    }  # fmt: skip
    return {"name": line.person.name, "email": line.person.email, "person": line.person.id, "grades": grades}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
