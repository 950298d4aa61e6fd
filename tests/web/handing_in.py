"""Handing in by the form, and ending what was handed in as a worker would."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import School, zipped
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from grader.config import Settings
from grader.db import Database, Submission, queries, suites
from grader.db.queries import Outcome
from grader.db.school import Assignment
from grader.intake.store import BlobStore

GOOD = "def add(a, b): return a + b"


def work(data: bytes | None = None, name: str = "work.zip", **fields: str) -> dict[str, Any]:
    """Fields of the form, with a good upload unless told otherwise."""
    content = zipped(solution__py=GOOD) if data is None else data
    return {**({} if "git_url" in fields else {"file": (io.BytesIO(content), name)}), **fields}


def address(school: School, end: str = "") -> str:
    return f"/assignments/{school.assignment.id}{end}"


def hand_in(client: FlaskClient, school: School, fields: dict[str, Any] | None = None) -> str:
    """Returns the submission's id."""
    response = client.post(address(school, "/submissions"), data=work() if fields is None else fields)
    assert response.status_code == 303, response.text
    assert response.headers["Location"].startswith("/submissions/")
    return response.headers["Location"].rsplit("/", 1)[1]


def count(database: Database) -> int:
    """How many submissions there are."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def finish(database: Database, public_id: str, outcome: Outcome) -> None:
    with database.write() as session:
        assert queries.finish(session, f"{public_id}-1", outcome)


def graded(database: Database, client: FlaskClient, school: School, report: dict[str, Any], **more: Any) -> str:
    """Hand in, and have it graded with this report; returns the submission's id."""
    public_id = hand_in(client, school)
    finish(database, public_id, Outcome("graded", report=report, **more))
    return public_id


def change(database: Database, school: School, **values: Any) -> School:
    """Other rules for the assignment."""
    with database.write() as session:
        session.execute(update(Assignment).where(Assignment.id == school.assignment.id).values(**values))
        session.flush()
        assignment = session.get_one(Assignment, school.assignment.id, populate_existing=True)
    return replace(school, assignment=assignment)


def republish(settings: Settings, database: Database, school: School, file: str, text: str) -> School:
    """Another version of the suite, with this file, for the assignment."""
    folder = settings.rubrics / "adding"
    (folder / file).write_text(text)
    with database.write() as session:
        blobs = BlobStore(settings.blob_root)
        suite_id = suites.publish(session, blobs, course_id=school.course.id, by=None, folder=folder).id
    return change(database, school, suite_id=suite_id)


def ago(**much: float) -> datetime:
    return datetime.now(UTC) - timedelta(**much)


def ahead(**much: float) -> datetime:
    return datetime.now(UTC) + timedelta(**much)


def scored(report: dict[str, Any], *points: float) -> dict[str, Any]:
    """The report with other points for its criteria, and sums that fit."""
    criteria = [{**c, "points": p} for c, p in zip(report["criteria"], points, strict=True)]
    for criterion in criteria:
        full = criterion["points"] >= criterion["max_points"]
        criterion["status"] = "passed" if full else "partial" if criterion["points"] else "failed"
    total = sum(points)
    percent = 100 * total / report["max_points"]
    return {**report, "criteria": criteria, "points": total, "percent": percent, "passed": percent >= 60}
