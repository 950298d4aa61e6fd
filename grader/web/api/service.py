"""Whether the service works, and what the API can do."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from grader.web.api.document import openapi
from grader.web.api.operation import api, operation
from grader.web.services import services


@operation("GET", "/openapi.json", tag="Service", scope=None)
def show_openapi() -> Response:
    """The description of the API that you are reading"""
    return jsonify(openapi())


@api.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 when the database and the queue answer, 503 otherwise; which one is in the body."""
    checks = {"database": _ok(_ping_database), "queue": _ok(services().redis.ping)}
    return jsonify(checks), 200 if all(checks.values()) else 503


def _ping_database() -> object:
    with services().database.read() as session:
        return session.execute(text("SELECT 1"))


def _ok(check: Any) -> bool:
    try:
        check()
    except (RedisError, SQLAlchemyError):
        return False
    return True
