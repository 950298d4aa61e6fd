"""Employers find learners who let them, by what they have shown; learners decide what is seen, and by whom."""

from __future__ import annotations

from flask import Flask

from grader.web.talent import (
    inbox,
    learner,
    organisations,
    profile,
    requests,
    search,
    shortlists,
)
from grader.web.talent.blueprint import employers, learners, words

__all__ = ["inbox", "init_app", "learner", "organisations", "profile", "requests", "search", "shortlists"]


def init_app(app: Flask) -> None:
    """Add the pages of employers, of learners' profiles, and of the admins who let employers in."""
    app.register_blueprint(employers)
    app.register_blueprint(learners)
    app.register_blueprint(organisations.pages)
    app.jinja_env.filters.update(words())
