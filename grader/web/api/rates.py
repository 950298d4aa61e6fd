"""How often one person, or one address without a person, may call the API. Without a queue nobody counts."""

from __future__ import annotations

from flask import Response, g, request
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from grader import queue
from grader.db.school import Person
from grader.web.services import services

SECONDS = 60


def count(person: Person | None) -> None:
    """Count this request. Raises TooManyRequests when it is one too many in this minute."""
    limit = services().settings.api_per_minute
    who = f"person:{person.id}" if person is not None else f"address:{request.remote_addr}"
    try:
        used, left = queue.tally(services().redis, f"api:{who}", SECONDS)
    except RedisError:
        return
    g.rate = (limit, max(0, limit - used), left)
    if used > limit:
        raise TooManyRequests(f"That was more than {limit} requests in a minute.", retry_after=left)


def add_headers(response: Response) -> None:
    """`RateLimit-Policy` and `RateLimit` as the IETF drafts them: quota and window, what is left and for how long."""
    if (rate := g.get("rate")) is not None:
        limit, remaining, seconds = rate
        response.headers["RateLimit-Policy"] = f'"person";q={limit};w={SECONDS}'
        response.headers["RateLimit"] = f'"person";r={remaining};t={seconds}'
