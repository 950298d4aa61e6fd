"""The JSON API, version 1. Errors are `application/problem+json`."""

from __future__ import annotations

from grader.web.api.submissions import api

__all__ = ["api"]
