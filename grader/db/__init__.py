"""The record of who handed in what and how it was graded: SQLite by default, PostgreSQL by its URL."""

from grader.db import credentials, marking, school, talent  # their tables belong to the schema
from grader.db.engine import Database, migrate
from grader.db.tables import Attempt, State, Submission

__all__ = ["Attempt", "Database", "State", "Submission", "credentials", "marking", "migrate", "school", "talent"]
