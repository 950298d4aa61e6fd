from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from awards import world  # noqa: F401 - a fixture of the tests of the issuing process
from redis import Redis

from grader.config import Settings
from grader.db import Database, migrate, queries
from grader.db.queries import NewSubmission
from grader.intake.store import BlobStore
from grader.intake.tree import Tree
from grader.queue import EmbeddedServer

RUBRIC = """\
rubric: 1
id: addition
version: 2
title: Add two numbers
sandbox: python
submission: {requires: [solution.py]}
criteria:
  - {id: open, title: Adds, points: 6, tests: tests/test_open.py}
  - {id: shut, title: Adds more, points: 4, tests: tests/test_shut.py, visibility: hidden}
"""
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a short name, as sockets need it."""
    home = Path(tempfile.mkdtemp(prefix="gj"))
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
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
def settings(home: Path, redis: Redis, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that the jobs read from the environment, too."""
    suite = home / "rubrics" / "adding"
    (suite / "tests").mkdir(parents=True)
    (suite / "rubric.yaml").write_text(RUBRIC)
    for name in ("test_open.py", "test_shut.py"):
        (suite / "tests" / name).write_text(TEST)
    monkeypatch.setenv("GRADER_HOME", str(home))
    monkeypatch.setenv("GRADER_RUBRICS", str(home / "rubrics"))
    monkeypatch.setenv("GRADER_REDIS_URL", redis_url)
    monkeypatch.setenv("GRADER_DATABASE_URL", database_url)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    migrate(settings)
    return settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    yield database
    database.dispose()


@pytest.fixture
def submit(settings: Settings, database: Database) -> Callable[..., str]:
    """Stores a submission whose solution.py has this content; returns its attempt's id. The queue is not told."""

    def make(solution: str = "", **changes: object) -> str:
        data = Tree("repository", {"solution.py": solution.encode()}).tar()
        blob = BlobStore(settings.blob_root).put(data)
        values = {"rubric": "addition", "suite": "adding", "queue": "high", "job_timeout": 60, "blob": blob} | changes
        with database.write() as session:
            return queries.add_submission(session, NewSubmission(**values)).id + "-1"  # type: ignore[arg-type]

    return make
