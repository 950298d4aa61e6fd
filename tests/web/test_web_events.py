"""Live progress, over a real server."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import School
from flask import Flask
from flask.testing import FlaskClient
from handing_in import hand_in
from redis import Redis

from grader import queue
from grader.config import Settings
from grader.db import Database, queries
from grader.db.queries import Outcome
from grader.web.services import services

SERVE = "import sys; from grader.web.server import serve; serve(bind=sys.argv[1])"


@pytest.fixture
def server(settings: Settings, app: Flask) -> Iterator[int]:
    """The port of a gunicorn that serves the same home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "GRADER_HOME": str(settings.home),
        "GRADER_RUBRICS": str(settings.rubrics),
        "GRADER_REDIS_URL": settings.redis_url,
        "GRADER_DATABASE_URL": settings.database_url,
    }
    command = [sys.executable, "-c", SERVE, f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, env=environment, cwd=settings.home, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield port
    process.send_signal(signal.SIGTERM)
    process.wait(20)


class Stream:
    """Reads one event after the other."""

    def __init__(self, port: int, path: str, cookie: str, last_id: str | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        headers = {"Cookie": f"grader={cookie}"} | ({"Last-Event-ID": last_id} if last_id else {})
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()

    def next(self) -> tuple[str, Any, str | None]:
        """(event, data, id); comments are skipped. ("end", None, None) when the server ended the stream."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return "end", None, None
            if line == "\n" and "data" in fields:
                return fields["event"], json.loads(fields["data"]), fields.get("id")
            name, _, value = line.rstrip("\n").partition(": ")
            if name in ("event", "data", "id"):
                fields[name] = value

    def close(self) -> None:
        self.response.close()
        self.connection.close()


@pytest.fixture
def waiting(student: FlaskClient, school: School) -> str:
    """Id of a submission in the queue."""
    return hand_in(student, school)


@pytest.fixture
def watch(server: int, student: FlaskClient) -> Callable[..., Stream]:
    """Opens the stream of a submission, as its student, after an event's id if need be."""
    cookie = student.get_cookie("grader")
    assert cookie is not None
    return lambda public_id, last_id=None: Stream(server, path(public_id), cookie.value, last_id)


def path(public_id: str) -> str:
    return f"/submissions/{public_id}/events"


def test_a_page_follows_a_grading_from_the_queue_to_the_result(
    watch: Callable[..., Stream], waiting: str, database: Database, redis: Redis, report: dict[str, Any]
) -> None:
    attempt = f"{waiting}-1"
    stream = watch(waiting)
    assert stream.response.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert stream.next()[:2] == ("state", {"state": "queued", "place": 1, "seconds": None, "retrying": False})

    with database.write() as session:
        queries.claim(session, attempt, "w")
    queue.publish(redis, attempt, {"stage": "intake"})
    assert stream.next()[0] == "progress"
    assert stream.next()[:2] == ("state", {"state": "running", "place": None, "seconds": None, "retrying": False})
    queue.publish(redis, attempt, {"stage": "testing", "done": 1, "total": 2, "test": "t::a", "status": "passed"})
    assert stream.next()[1]["test"] == "t::a"

    with database.write() as session:
        queries.finish(session, attempt, Outcome("graded", report=report))
    queue.publish(redis, attempt, {"stage": "finished", "state": "graded"})
    assert stream.next()[0] == "progress"
    assert stream.next()[:2] == ("done", {"state": "graded"})
    assert stream.next()[0] == "end"
    stream.close()


def test_a_browser_that_comes_back_misses_nothing_and_sees_nothing_twice(
    watch: Callable[..., Stream], waiting: str, database: Database, redis: Redis
) -> None:
    with database.write() as session:
        queries.claim(session, f"{waiting}-1", "w")
    for done in range(4):
        queue.publish(redis, f"{waiting}-1", {"stage": "testing", "done": done, "total": 4})
    first = watch(waiting)
    events = [first.next() for _ in range(3)]
    first.close()

    again = watch(waiting, events[-1][2])
    assert again.next()[0] == "state"
    assert [again.next()[1]["done"] for _ in range(2)] == [2, 3]
    again.close()


def test_a_result_whose_message_was_lost_is_still_shown(
    watch: Callable[..., Stream], waiting: str, database: Database, redis: Redis, report: dict[str, Any]
) -> None:
    stream = watch(waiting)
    assert stream.next()[0] == "state"
    redis.flushdb()
    with database.write() as session:
        queries.finish(session, f"{waiting}-1", Outcome("graded", report=report))

    assert stream.next()[0] == "done"
    stream.close()


def test_a_finished_submission_is_done_at_once(
    student: FlaskClient, waiting: str, database: Database, report: dict[str, Any]
) -> None:
    with database.write() as session:
        queries.finish(session, f"{waiting}-1", Outcome("graded", report=report))

    assert 'event: done\ndata: {"state": "graded"}' in student.get(path(waiting)).text
    assert student.get(path("0" * 32)).status_code == 404


def test_watchers_never_take_the_last_thread(app: Flask, student: FlaskClient, waiting: str) -> None:
    slots = services(app).streams
    while slots.acquire(blocking=False):
        pass

    response = student.get(path(waiting))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"


def test_a_watcher_who_leaves_frees_the_place(app: Flask, student: FlaskClient, waiting: str) -> None:
    before = services(app).streams._value
    response = student.get(path(waiting), buffered=False)
    assert services(app).streams._value == before - 1
    response.close()

    assert services(app).streams._value == before


def test_serving_needs_no_folder_but_home(server: int, settings: Settings) -> None:
    assert {entry.name for entry in Path(settings.home).iterdir()} <= {
        "grader.db",
        "grader.db-wal",
        "grader.db-shm",
        "blobs",
        "secret",
    }
