"""Live progress as server-sent events.

    state     {"state", "place", "seconds", "retrying"}  at the start and whenever it changes
    progress  {"stage", "done", "total", …}           as the worker tells it; the event's id is the stream's
    done      {"state"}                               the result is there; the stream ends

A browser that comes back sends the last id it saw and misses nothing. The queue is only the messenger: the database is
asked at every beat, so the page also learns of a result whose message was lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, request
from redis.exceptions import RedisError
from werkzeug.exceptions import ServiceUnavailable

from grader import queue
from grader.db import Attempt, queries
from grader.db.tables import FINAL
from grader.web.services import Services, services
from grader.web.status import wait_of
from grader.web.student import find

stream = Blueprint("stream", __name__)

LIFETIME = 600.0
"""Seconds after which a stream ends; the browser opens the next one by itself."""
RECONNECT_MS = 2000


@stream.get("/submissions/<public_id>/events")
def events(public_id: str) -> Response:
    attempt = find(public_id).attempt
    slots = services().streams
    if not slots.acquire(blocking=False):
        raise ServiceUnavailable("Too many people are watching. The page asks again by itself.", retry_after=10)
    last_id = request.headers.get("Last-Event-ID", "0-0")
    response = Response(_events(services(), attempt, last_id), content_type="text/event-stream; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(slots.release)
    return response


def _events(services: Services, attempt: Attempt, last_id: str) -> Iterator[str]:
    yield f"retry: {RECONNECT_MS}\n\n"
    end = time.monotonic() + LIFETIME
    shown: Mapping[str, Any] | None = None
    for news in _news(services, attempt.id, last_id):
        if news is not None:
            event_id, event = news
            yield _event("progress", event, event_id)
            if event.get("stage") not in ("finished", "waiting", "intake"):
                continue
        state = _state(services, attempt)
        if state["state"] in FINAL:
            yield _event("done", {"state": state["state"]})
            return
        yield _event("state", state) if state != shown else ": still here\n\n"
        shown = state
        if time.monotonic() > end:
            return


def _news(services: Services, attempt_id: str, last_id: str) -> Iterator[tuple[str, queue.Event] | None]:
    """Begins with a beat, so that the state comes first; goes on with beats alone while the queue is down."""
    yield None
    while True:
        try:
            yield from queue.follow(services.redis, attempt_id, last_id)
        except RedisError:
            time.sleep(queue.BEAT)
            yield None


def _state(services: Services, attempt: Attempt) -> dict[str, Any]:
    with services.database.read() as session:
        row = queries.attempt(session, attempt.id)
    if row is None:
        return {"state": "failed"}
    waits = wait_of(services, row) if row.state == "queued" else None
    return {
        "state": row.state,
        "place": waits.place if waits else None,
        "seconds": waits.seconds if waits else None,
        "retrying": row.tries > 0 and row.state != "running",
    }


def _event(name: str, data: Mapping[str, Any], event_id: str | None = None) -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
