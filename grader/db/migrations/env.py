"""Run by Alembic for every command; the connection comes from `grader.db.engine.migrate`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from grader.config import Settings
from grader.db import marking, school  # noqa: F401  (their tables belong to the schema)
from grader.db.base import Base
from grader.db.engine import Database


def run(connection: Connection) -> None:
    # SQLite cannot alter a column: batch mode copies the table instead.
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with Database(Settings().sqlalchemy_url).engine.begin() as opened:
        run(opened)
