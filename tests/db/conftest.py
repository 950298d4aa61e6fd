from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from courses import Class, make_class

from grader.config import Settings
from grader.db import Database, migrate


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    yield database
    database.dispose()


@pytest.fixture
def school(database: Database) -> Class:
    return make_class(database)
