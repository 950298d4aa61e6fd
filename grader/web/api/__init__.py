"""The JSON API, version 1. Errors are `application/problem+json`."""

from __future__ import annotations

from grader.web.api import (
    assignments,
    courses,
    errors,
    grades,
    people,
    regrades,
    reviews,
    service,
    submissions,
    tokens,
    webhooks,
)
from grader.web.api.operation import api

__all__ = [
    "api",
    "assignments",
    "courses",
    "errors",
    "grades",
    "people",
    "regrades",
    "reviews",
    "service",
    "submissions",
    "tokens",
    "webhooks",
]
