from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from grader.config import Settings
from grader.db import Database
from grader.queue import EmbeddedServer
from grader.web import create_app
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
def settings(tmp_path: Path, redis: Redis, redis_url: str) -> Settings:
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
