"""A copy of the database as one file, as it is at one moment, while the service runs: SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Protocol

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from grader.config import Settings
from grader.db.engine import alembic_config
from grader.errors import BadInput, InfrastructureError


class Copier(Protocol):
    """Saves and loads one database. `name` is what a copy is called."""

    name: str

    def revision(self) -> str:
        """The schema's version. Raises BadInput when there is no database."""
        ...

    def knows(self, revision: str) -> bool:
        """Whether this installation can work with a database of this version."""
        ...

    def must_be_empty(self) -> None:
        """Raises BadInput when there is something in the database."""
        ...

    def save(self, path: Path) -> None:
        """Copy the database into a new file. Raises InfrastructureError."""
        ...

    def load(self, path: Path) -> None:
        """Make the database from a copy: whole or not at all. Raises InfrastructureError."""
        ...


def copier(settings: Settings) -> Copier:
    """For the database of the settings. Raises BadInput when no way to copy it is known."""
    kind = make_url(settings.sqlalchemy_url).get_backend_name()
    if kind == "sqlite":
        return _Sqlite(settings.sqlalchemy_url)
    if kind == "postgresql":
        return _Postgresql(settings.sqlalchemy_url)
    raise BadInput(f"No way to copy {kind} is known.", where="GRADER_DATABASE_URL", fix="Use its own tools.")


class _Versions:
    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    def revision(self) -> str:
        engine = create_engine(self._url)
        try:
            with engine.connect() as connection:
                revision = MigrationContext.configure(connection).get_current_revision()
        except SQLAlchemyError as error:
            raise InfrastructureError(f"the database does not answer: {type(error).__name__}") from error
        finally:
            engine.dispose()
        if revision is None:
            raise BadInput("There is no database to back up.", where=str(self._url.database), fix="Set GRADER_HOME.")
        return revision

    def knows(self, revision: str) -> bool:
        return revision in {
            script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
        }


class _Sqlite(_Versions):
    name = "database.sqlite"

    def must_be_empty(self) -> None:
        if self._path().exists():
            raise BadInput("There is a database already.", where=str(self._path()), fix="Move it away.")

    def save(self, path: Path) -> None:
        self.revision()
        with (
            contextlib.closing(sqlite3.connect(self._path())) as source,
            contextlib.closing(sqlite3.connect(path)) as copy,
        ):
            try:
                source.backup(copy)
                _whole(copy)
            except sqlite3.Error as error:
                raise InfrastructureError(f"the database cannot be copied: {error}") from error

    def load(self, path: Path) -> None:
        try:
            with contextlib.closing(sqlite3.connect(path)) as copy:
                _whole(copy)
        except sqlite3.Error as error:
            raise InfrastructureError(f"the database cannot be restored: {error}") from error
        self._path().parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, path.with_suffix(".new"))
        path.with_suffix(".new").rename(self._path())

    def _path(self) -> Path:
        return Path(self._url.database or "")


def _whole(copy: sqlite3.Connection) -> None:
    (said,) = copy.execute("PRAGMA integrity_check").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)


class _Postgresql(_Versions):
    name = "database.pgdump"

    def must_be_empty(self) -> None:
        engine = create_engine(self._url)
        try:
            tables = inspect(engine).get_table_names()
        except SQLAlchemyError as error:
            raise InfrastructureError(f"the database does not answer: {type(error).__name__}") from error
        finally:
            engine.dispose()
        if tables:
            raise BadInput("The database has tables.", where="GRADER_DATABASE_URL", fix="Name an empty database.")

    def save(self, path: Path) -> None:
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")

    def load(self, path: Path) -> None:
        self._run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(path))

    def _run(self, program: str, *options: str) -> None:
        if shutil.which(program) is None:
            raise InfrastructureError(f"{program} is missing. On Debian or Ubuntu: apt-get install postgresql-client")
        url, query = self._url, {name: str(value) for name, value in self._url.query.items()}
        given = {
            "PGHOST": url.host or query.get("host"),
            "PGPORT": str(url.port) if url.port else query.get("port"),
            "PGUSER": url.username,
            "PGPASSWORD": url.password,
            "PGSSLMODE": query.get("sslmode"),
        }
        environment = os.environ | {name: value for name, value in given.items() if value}
        command = [program, "--no-password", f"--dbname={url.database}", *options]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InfrastructureError(f"{program} failed: {done.stderr.strip()[-1000:]}")
