"""The JSON API, version 1. Errors are `application/problem+json`."""

from __future__ import annotations

from grader.web.api import (
    assignments,
    audit,
    board,
    courses,
    docs,
    errors,
    grades,
    people,
    regrades,
    reviews,
    service,
    submissions,
    suites,
    tokens,
    webhooks,
)
from grader.web.api.operation import api

__all__ = [
    "api",
    "assignments",
    "audit",
    "board",
    "courses",
    "docs",
    "errors",
    "grades",
    "people",
    "regrades",
    "reviews",
    "service",
    "submissions",
    "suites",
    "tokens",
    "webhooks",
]
