"""The JSON API, version 1. Errors are `application/problem+json`."""

from __future__ import annotations

from grader.web.api import (
    assignments,
    attempts,
    audit,
    board,
    courses,
    docs,
    errors,
    grades,
    joining,
    people,
    regrades,
    reviews,
    service,
    shortlists,
    submissions,
    suites,
    talent,
    tokens,
    webhooks,
)
from grader.web.api.operation import api

__all__ = [
    "api",
    "assignments",
    "attempts",
    "audit",
    "board",
    "courses",
    "docs",
    "errors",
    "grades",
    "joining",
    "people",
    "regrades",
    "reviews",
    "service",
    "shortlists",
    "submissions",
    "suites",
    "talent",
    "tokens",
    "webhooks",
]
