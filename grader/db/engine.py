"""Connections, transactions and migrations."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from grader.config import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 15
_MIGRATION_LOCK = 0x67726164
"""Key of the PostgreSQL advisory lock that makes concurrent `migrate` calls take turns."""


class Database:
    """A pool of connections. One per process: after a fork the child makes its own."""

    def __init__(self, url: str, *, foreign_keys: bool = True) -> None:
        """Connect at first use. Without `foreign_keys` SQLite checks none, which a migration needs to alter tables."""
        self.engine = _make_engine(url, foreign_keys=foreign_keys)
        self._writer = self.engine.execution_options(grader_write=True)

    def dispose(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment and is never committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, rolled back when it raises.

        On SQLite it holds the one write lock from the start, so what it has read is still true when it writes.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema; makes it when there is none. Safe to call from several processes."""
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    database = Database(settings.sqlalchemy_url, foreign_keys=False)  # altering a table there drops it and its children
    try:
        with database._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            command.upgrade(alembic_config(connection), "head")
            if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("the migration left rows that refer to nothing; it is undone")
    finally:
        database.dispose()


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; `connection` is the one the migrations run on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _make_engine(url: str, *, foreign_keys: bool) -> Engine:
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", partial(_set_pragmas, foreign_keys=foreign_keys))
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, record: object, *, foreign_keys: bool) -> None:
    connection.isolation_level = None  # sqlite3 must not open transactions of its own; _begin does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={'ON' if foreign_keys else 'OFF'}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns into a write fails at once, whatever the timeout, when another wrote meanwhile.
    writes = connection.get_execution_options().get("grader_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
