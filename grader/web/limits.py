"""How often somebody may try. The counts are in the queue's server; while that is away nobody counts."""

from __future__ import annotations

import hashlib
import logging

from flask import request
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from grader import queue
from grader.web.services import services

log = logging.getLogger(__name__)


def count(what: str, about: str, limit: int, seconds: int) -> None:
    """Raise TooManyRequests when there were more than `limit` of `what` about the same in a window of `seconds`."""
    digest = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:32]
    try:
        wait = queue.allow(services().redis, f"{what}:{digest}", limit, seconds)
    except RedisError as error:
        log.warning("%s is not counted: %s", what, error)
        return
    if wait:
        raise TooManyRequests("That was too often. It is a guard against guessing.", retry_after=wait)


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or "?"
