"""A course whose students pass, an issuing process beside it, and what verifiers see of both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import made
import pytest

from grader.config import Settings
from grader.db import Database, badges, issuance, migrate, queries, submitting, suites
from grader.db.badges import Held
from grader.db.credentials import Credential
from grader.db.queries import NewSubmission, Outcome, new_id
from grader.db.school import Assignment, Course, Enrolment, Person, PublishedSuite
from grader.intake import BlobStore
from grader.intake.tree import Tree
from grader.issuing import Issuing
from grader.records import Verification, verify
from grader.rubric.model import Rubric

RUBRIC = "digits-classifier"
BASE = "https://grader.example.org"


def person(name: str, role: Any = "student") -> Person:
    email = f"{name.split()[0].lower()}@example.org"
    return Person(id=new_id(), email=email, name=name, role=role, session_key=new_id(), created_at=datetime.now(UTC))


@dataclass
class Awards:
    """`sam` and `olga` take the course that `tess` teaches; `otto` is in none."""

    settings: Settings
    database: Database
    issuing: Issuing
    course: Course
    suite: PublishedSuite
    assignment: Assignment
    rubric: Rubric
    tess: Person
    sam: Person
    olga: Person
    otto: Person

    def hand_in(self, who: Person | None = None) -> str:
        """A stored submission's id."""
        data = Tree("repository", {"solution.py": b"def classify(): ...\n"}).tar()
        blob = BlobStore(self.settings.blob_root).put(data)
        new = NewSubmission(
            rubric=RUBRIC, suite="", queue="high", job_timeout=60, blob=blob, suite_id=self.assignment.suite_id
        )
        with self.database.write() as session:
            row = session.get_one(Assignment, self.assignment.id)
            return submitting.add(session, row, who or self.sam, new, datetime.now(UTC)).id

    def report(self, share: float = 0.9, **points: float) -> dict[str, Any]:
        return made.report_of(self.rubric, share, **points).model_dump(mode="json")

    def graded(self, share: float = 0.9, who: Person | None = None, **points: float) -> str:
        """Hand in and be graded with this share of every criterion; returns the attempt's id."""
        attempt_id = f"{self.hand_in(who)}-1"
        with self.database.write() as session:
            assert queries.finish(session, attempt_id, Outcome("graded", report=self.report(share, **points)))
        return attempt_id

    def issue(self) -> int:
        """Let the issuing process do what is due; how many things it did."""
        done = 0
        while now := self.issuing.turn():
            done += now
        return done

    def awarded(self, share: float = 0.9, who: Person | None = None, **points: float) -> Held:
        """A badge that is issued."""
        self.graded(share, who, **points)
        self.issue()
        return self.badge(who)

    def badge(self, who: Person | None = None) -> Held:
        held = self.badges(who)
        assert len(held) == 1
        return held[0]

    def badges(self, who: Person | None = None) -> list[Held]:
        with self.database.read() as session:
            return badges.of_person(session, (who or self.sam).id)

    def credentials(self) -> list[Credential]:
        """All, with their texts."""
        from sqlalchemy import select
        from sqlalchemy.orm import undefer

        columns = undefer(Credential.json), undefer(Credential.jwt), undefer(Credential.record)
        with self.database.read() as session:
            return list(session.scalars(select(Credential).order_by(Credential.seq).options(*columns)))

    def file(self, name: str) -> str:
        """What is published under a name."""
        with self.database.read() as session:
            found = issuance.publication(session, name)
        assert found is not None, name
        return found.text

    def verify(self, text: str | bytes, **changes: Any) -> Verification:
        """As somebody does who has nothing but what is published."""

        def document(did: str) -> Mapping[str, Any] | None:
            found = json.loads(self.file("did"))
            return found if found["id"] == did else None

        def status(url: str) -> str:
            return self.file(url.removeprefix(f"{BASE}/"))

        options = {"documents": document, "status_lists": status, "now": datetime.now(UTC) + timedelta(seconds=1)}
        return verify(text, **{**options, **changes})


def make_awards(settings: Settings, database: Database) -> Awards:
    """`settings` must have the base URL `BASE`, and the shipped rubrics."""
    at = datetime.now(UTC)
    tess, sam, olga = person("Tess Teacher", "instructor"), person("Sam Student"), person("Olga Other")
    otto = person("Otto Outsider")
    course = Course(id=new_id(), title="Seeing", created_at=at)
    with database.write() as session:
        session.add_all([tess, sam, olga, otto, course])
        session.flush()
        for one, role in ((tess, "instructor"), (sam, "student"), (olga, "student")):
            session.add(Enrolment(course_id=course.id, person_id=one.id, role=role, created_at=at))
        folder = Path(settings.rubrics, RUBRIC)
        blobs = BlobStore(settings.blob_root)
        suite = suites.publish(session, blobs, course_id=course.id, by=tess.id, folder=folder)
        assignment = Assignment(
            id=new_id(), course_id=course.id, suite_id=suite.id, title="Read digits", published_at=at, created_at=at,
            attempts=1000, attempts_per="hour", counts="last",
        )  # fmt: skip
        session.add(assignment)
    return Awards(
        settings, database, Issuing(settings), course, suite, assignment, made.rubric_of(RUBRIC), tess, sam, olga, otto
    )


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[Awards]:
    settings = Settings(
        home=tmp_path / "home",
        rubrics=made.ROOT / "rubrics",
        database_url=database_url,
        base_url=BASE,
        issuer_name="Example School",
        _env_file=None,  # type: ignore[call-arg]
    )
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    world = make_awards(settings, database)
    yield world
    world.issuing.close()
    database.dispose()
