from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask
import pytest
from badge_pages import badge_settings, site  # noqa: F401 - fixtures of the tests of badges
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from grader.config import Settings
from grader.db import Database
from grader.db.queries import new_id
from grader.db.school import Assignment, Course, Enrolment, Person, PublishedSuite
from grader.queue import EmbeddedServer
from grader.rubric import load_suite
from grader.web import create_app, sessions
from grader.web.services import services

RUBRIC = """\
rubric: 1
id: addition
version: 2
title: Add <two> numbers
summary: Adds.
sandbox: python
submission: {accepts: [repository], requires: [solution.py], max_size: 1m}
limits: {time: 30}
pass_mark: 60
criteria:
  - {id: open, title: Adds, points: 6, tests: tests/test_open.py, hint: Carry the one.}
  - {id: shut, title: Adds more, points: 4, tests: tests/test_shut.py, visibility: hidden}
"""
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server in a folder with a short name, as sockets need it."""
    home = Path(tempfile.mkdtemp(prefix="gq"))
    with EmbeddedServer(Settings(home=home, _env_file=None)) as server:  # type: ignore[call-arg]
        yield server.url
    shutil.rmtree(home)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    client = Redis.from_url(redis_url)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def settings(tmp_path: Path, redis: Redis, redis_url: str, database_url: str) -> Settings:
    suite = tmp_path / "rubrics" / "adding"
    (suite / "tests").mkdir(parents=True)
    (suite / "rubric.yaml").write_text(RUBRIC)
    (suite / "brief.md").write_text("Write `add`. <script>alert(1)</script> [x](javascript:alert(1))\n")
    for name in ("test_open.py", "test_shut.py"):
        (suite / "tests" / name).write_text(TEST)
    return Settings(
        home=tmp_path / "home",
        rubrics=tmp_path / "rubrics",
        redis_url=redis_url,
        database_url=database_url,
        max_upload=2 * 1024 * 1024,
        _env_file=None,  # type: ignore[call-arg]
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["SUBMISSIONS_PER_MINUTE"] = 1000
    yield app
    services(app).database.dispose()
    services(app).redis.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def database(app: Flask) -> Database:
    return services(app).database


@dataclass(frozen=True)
class School:
    """A course with an assignment that is published, and people: `outsider` is a student in no course."""

    course: Course
    suite: PublishedSuite
    assignment: Assignment
    admin: Person
    teacher: Person
    student: Person
    other_student: Person
    outsider: Person


def new_person(name: str, role: Any = "student") -> Person:
    """A row for somebody without a password, at `<first name>@example.org`."""
    email = f"{name.split()[0].lower()}@example.org"
    return Person(id=new_id(), email=email, name=name, role=role, session_key=new_id(), created_at=datetime.now(UTC))


@pytest.fixture
def school(settings: Settings, database: Database) -> School:
    now = datetime.now(UTC)
    admin, teacher = new_person("Ada Admin", "admin"), new_person("Tess Teacher", "instructor")
    student, other, outsider = new_person("Sam Student"), new_person("Olga Other"), new_person("Otto Outsider")
    course = Course(id=new_id(), title="Adding <up>", created_at=now)
    suite = published(course, settings)
    assignment = Assignment(
        id=new_id(), course_id=course.id, suite_id=suite.id, title="First sums", created_at=now, published_at=now
    )
    with database.write() as session:
        session.add_all([admin, teacher, student, other, outsider, course])
        session.flush()
        session.add(suite)
        session.flush()
        session.add(assignment)
        for person, role in ((teacher, "instructor"), (student, "student"), (other, "student")):
            session.add(Enrolment(course_id=course.id, person_id=person.id, role=role, created_at=now))
    return School(course, suite, assignment, admin, teacher, student, other, outsider)


def published(course: Course, settings: Settings) -> PublishedSuite:
    """The row of the suite `adding` as it comes with the installation."""
    suite = load_suite(settings.rubrics / "adding")
    rubric = suite.rubric
    return PublishedSuite(
        id=new_id(),
        course_id=course.id,
        rubric=rubric.id,
        version=rubric.version,
        title=rubric.title,
        max_points=rubric.max_points,
        digest=suite.digest,
        folder="adding",
        published_at=datetime.now(UTC),
    )


AsPerson = Callable[[Person], FlaskClient]


@pytest.fixture
def as_person(app: Flask) -> AsPerson:
    """Makes a client in which this person is signed in."""

    def make(person: Person) -> FlaskClient:
        client = app.test_client()
        with app.test_request_context():
            sessions.begin(person)
            values = dict(flask.session)
        with client.session_transaction() as session:
            session.update(values)
            session.permanent = True
        return client

    return make


@pytest.fixture
def student(school: School, as_person: AsPerson) -> FlaskClient:
    return as_person(school.student)


@pytest.fixture
def teacher(school: School, as_person: AsPerson) -> FlaskClient:
    return as_person(school.teacher)


@pytest.fixture
def admin(school: School, as_person: AsPerson) -> FlaskClient:
    return as_person(school.admin)


def zipped(**files: str) -> bytes:
    """A zip; `solution__py="…"` is the file solution.py."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.fixture
def form() -> Callable[..., dict[str, Any]]:
    """Fields of the form, with a good upload unless told otherwise."""

    def make(data: bytes | None = None, name: str = "work.zip", **fields: str) -> dict[str, Any]:
        content = zipped(solution__py="def add(a, b): return a + b") if data is None else data
        upload = {"file": (io.BytesIO(content), name)} if "git_url" not in fields else {}
        return {"rubric": "addition", **upload, **fields}

    return make


@pytest.fixture
def report() -> dict[str, Any]:
    """A report with an open criterion half done and a hidden one."""
    digest = "sha256:" + "0" * 64

    def test(name: str, status: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "status": status, "seconds": 0.2, **more}

    return {
        "report": 1,
        "outcome": "graded",
        "reason": None,
        "points": 3.0,
        "max_points": 10.0,
        "percent": 30.0,
        "passed": False,
        "rubric": {"id": "addition", "version": 2, "digest": digest},
        "submission": {"kind": "repository", "digest": digest, "commit": None},
        "criteria": [
            {
                "id": "open", "title": "Adds", "points": 3.0, "max_points": 6.0, "status": "partial",
                "visibility": "visible", "hint": "Carry the one.",
                "tests": [
                    test("tests/test_open.py::test_add", "passed"),
                    test("tests/test_open.py::test_big", "failed", message="3 != <b>4</b>", output="my print"),
                ],
            },
            {
                "id": "shut", "title": "Adds more", "points": 0.0, "max_points": 4.0, "status": "failed",
                "visibility": "hidden", "hint": None, "detail": "secret detail",
                "tests": [test("tests/test_shut.py::test_x[secret-7]", "failed", message="secret", output="secret")],
            },
        ],
        "notebook": None,
        "environment": {"image": digest, "examiner_image": None, "seed": "seedseed", "transcript": None, "grader": "0"},
        "timing": {"queued": 1.0, "started": 2.0, "graded": 3.0},
    }  # fmt: skip
