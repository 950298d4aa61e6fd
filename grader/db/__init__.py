"""The record of what was submitted and how it was graded: SQLite by default, PostgreSQL by its URL."""

from grader.db.engine import Database, migrate
from grader.db.tables import Attempt, State, Submission

__all__ = ["Attempt", "Database", "State", "Submission", "migrate"]
