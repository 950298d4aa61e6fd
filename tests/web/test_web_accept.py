"""Handing in through the web: time, attempts, double clicks and races, as the server sees them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import AsPerson, School, zipped
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy import select
from werkzeug.test import TestResponse

from grader import queue
from grader.config import Settings
from grader.db import Attempt, Database, Submission, queries
from grader.db.queries import Outcome
from grader.db.school import Assignment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def hand_in(client: FlaskClient, school: School, solution: str = "", token: str = "") -> TestResponse:
    content = zipped(solution__py=solution or "def add(a, b): return a + b")
    fields: dict[str, Any] = {"file": (BytesIO(content), "work.zip"), "token": token, "git_url": ""}
    return client.post(f"/assignments/{school.assignment.id}/submissions", data=fields)


def taken(response: TestResponse) -> str:
    """The id of a submission that was taken."""
    assert response.status_code == 303, response.text
    return response.headers["Location"].rsplit("/", 1)[1]


def rules(database: Database, school: School, **values: Any) -> None:
    with database.write() as session:
        row = session.get_one(Assignment, school.assignment.id)
        for name, value in values.items():
            setattr(row, name, value)


def states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Submission.state).order_by(Submission.seq)))


def blobs(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "blobs").rglob("*") if path.is_file()]


def at(monkeypatch: pytest.MonkeyPatch, *moments: datetime) -> None:
    """The server's clock: each reading is the next of these, and the last one for ever."""
    left = list(moments)
    monkeypatch.setattr(queries, "now", lambda: left.pop(0) if len(left) > 1 else left[0])


def together(count: int, what: Callable[[int], TestResponse]) -> list[TestResponse]:
    start, found = threading.Barrier(count), list[TestResponse]()

    def run(number: int) -> None:
        start.wait()
        found.append(what(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    return found


def test_the_last_moment_is_in_time_and_the_next_is_not(
    school: School, student: FlaskClient, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(database, school, due_at=NOON, closes_at=NOON)
    at(monkeypatch, NOON)
    public_id = taken(hand_in(student, school))
    with database.read() as session:
        row = queries.submission(session, public_id)
        assert row is not None
        assert row.received_at == NOON
    before = blobs(settings)

    at(monkeypatch, NOON + MOMENT)
    refused = hand_in(student, school, "x = 1")
    assert refused.status_code == 422
    assert "closed on 2026-03-02 at 12:00 UTC" in refused.text
    assert states(database) == ["queued"]
    assert blobs(settings) == before


def test_a_slow_line_makes_nobody_late(
    school: School, student: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(database, school, closes_at=NOON)
    at(monkeypatch, NOON, NOON + timedelta(minutes=5))

    taken(hand_in(student, school))


def test_the_clock_of_the_browser_is_not_asked(
    school: School, student: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(database, school, closes_at=NOON)
    at(monkeypatch, NOON + MOMENT)
    response = student.post(
        f"/assignments/{school.assignment.id}/submissions",
        data={"git_url": "https://example.org/a", "token": "", "received_at": "2026-03-01T00:00:00Z"},
        headers={"Date": "Sun, 01 Mar 2026 00:00:00 GMT"},
    )

    assert response.status_code == 422
    assert states(database) == []


def test_a_double_click_with_the_last_attempt_makes_one_submission(
    school: School, as_person: AsPerson, database: Database
) -> None:
    rules(database, school, attempts=1, attempts_per="ever")
    clients = [as_person(school.student) for _ in range(5)]
    answers = together(5, lambda n: hand_in(clients[n], school, token="t"))

    assert len({taken(answer) for answer in answers}) == 1
    assert states(database) == ["queued"]


def test_a_click_again_after_the_result_leads_to_it(school: School, student: FlaskClient, database: Database) -> None:
    rules(database, school, attempts=1, attempts_per="ever")
    public_id = taken(hand_in(student, school, token="t"))
    with database.write() as session:
        queries.finish(session, f"{public_id}-1", Outcome("graded", report={"points": 1, "criteria": []}))

    assert taken(hand_in(student, school, token="t")) == public_id
    refused = hand_in(student, school, token="u")
    assert refused.status_code == 422
    assert "The only attempt of this assignment is used." in refused.text


def test_the_same_key_of_two_people_is_two_requests(school: School, as_person: AsPerson, database: Database) -> None:
    first = taken(hand_in(as_person(school.student), school, token="t"))
    second = taken(hand_in(as_person(school.other_student), school, token="t"))

    assert first != second
    assert states(database) == ["queued", "queued"]


def test_different_work_in_one_moment_leaves_one_in_the_queue(
    school: School, as_person: AsPerson, database: Database, redis: Redis
) -> None:
    rules(database, school, attempts=1, attempts_per="ever")
    clients = [as_person(school.student) for _ in range(4)]
    answers = together(4, lambda n: hand_in(clients[n], school, f"x = {n}"))

    assert [answer.status_code for answer in answers] == [303] * 4
    assert sorted(states(database)) == ["cancelled"] * 3 + ["queued"]
    with database.read() as session:
        waiting = session.scalars(select(Attempt.job_id).where(Attempt.state == "queued")).all()
    assert queue.live_jobs(redis) == set(waiting)


def test_handing_in_again_takes_the_older_job_out_of_the_queue(
    school: School, student: FlaskClient, redis: Redis
) -> None:
    first = taken(hand_in(student, school, "x = 1"))
    second = taken(hand_in(student, school, "x = 2"))

    assert queue.live_jobs(redis) == {f"{second}-1-1"}
    assert queue.latest(redis, f"{first}-1") == {"stage": "finished", "state": "cancelled"}


def test_a_queue_that_is_down_takes_nothing_back(
    school: School, student: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object, **rest: object) -> None:
        raise RedisDown

    first = taken(hand_in(student, school, "x = 1"))
    monkeypatch.setattr(queue, "cancel", down)
    monkeypatch.setattr(queue, "enqueue", down)
    second = taken(hand_in(student, school, "x = 2"))

    assert first != second
    assert states(database) == ["cancelled", "received"]


def test_what_cannot_be_graded_is_not_stored(
    school: School, student: FlaskClient, database: Database, settings: Settings
) -> None:
    before = blobs(settings)
    content = zipped(other__py="x = 1")
    response = student.post(
        f"/assignments/{school.assignment.id}/submissions",
        data={"file": (BytesIO(content), "work.zip"), "token": "", "git_url": ""},
    )

    assert response.status_code == 422
    assert "solution.py" in response.text
    assert states(database) == []
    assert blobs(settings) == before
