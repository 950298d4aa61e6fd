"""The schema comes from migrations alone and is the one the code believes in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from grader.config import Settings
from grader.db import Database, migrate
from grader.db.base import Base
from grader.db.engine import alembic_config


def test_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_twice_changes_nothing(settings: Settings, database: Database) -> None:
    migrate(settings)
    with database.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).all() == [("v0005",)]


def test_rows_from_before_there_were_accounts_survive_both_ways(tmp_path: Path, empty_database_url: str) -> None:
    settings = Settings(home=tmp_path, database_url=empty_database_url, _env_file=None)  # type: ignore[call-arg]
    database = Database(settings.sqlalchemy_url, foreign_keys=False)
    with database.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "v0002")
        connection.execute(
            text(
                "INSERT INTO submissions (id, rubric, suite, kind, received_at, state)"
                " VALUES ('a', 'r', 's', 'repository', '2026-01-01', 'graded')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO attempts (id, submission_id, number, state, queue, job_timeout, sends, tries, due_at,"
                " created_at) VALUES ('a-1', 'a', 1, 'graded', 'high', 9, 1, 1, '2026-01-01', '2026-01-01')"
            )
        )
    migrate(settings)
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT id, counts FROM attempts")).all() == [("a-1", 1)]
        command.downgrade(alembic_config(connection), "v0002")
        assert connection.execute(
            text("SELECT a.id FROM attempts a JOIN submissions s ON s.id = a.submission_id")
        ).all() == [("a-1",)]
    database.dispose()


def test_many_processes_may_migrate_at_once(tmp_path: Path, empty_database_url: str) -> None:
    code = "from grader.config import Settings; from grader.db import migrate; migrate(Settings())"
    environment = {"GRADER_HOME": str(tmp_path), "GRADER_DATABASE_URL": empty_database_url, "PATH": ""}
    running = [subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=tmp_path) for _ in range(4)]

    assert [process.wait(60) for process in running] == [0, 0, 0, 0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_a_log_that_lets_readers_read_while_one_writes(database: Database) -> None:
    with database.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
