"""The life of an attempt, and what two processes can do to each other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from grader.db import Database, queries
from grader.db.outbox import send
from grader.db.queries import NewSubmission, Outcome

GRADED = Outcome("graded", report={"points": 8.0, "max_points": 10.0, "passed": True, "note": "ä"})


def add(database: Database, **changes: object) -> str:
    """A new submission; returns its attempt's id."""
    new = NewSubmission(**{"rubric": "r", "suite": "r", "queue": "high", "job_timeout": 60} | changes)  # type: ignore[arg-type]
    with database.write() as session:
        return queries.add_submission(session, new).id + "-1"


def state(database: Database, attempt_id: str) -> tuple[str, str]:
    """The states of an attempt and of its submission."""
    with database.read() as session:
        attempt = queries.attempt(session, attempt_id)
        assert attempt is not None
        return attempt.state, attempt.submission.state


def test_an_attempt_goes_from_the_outbox_to_a_grade(database: Database) -> None:
    attempt = add(database)
    assert state(database, attempt) == ("received", "received")
    with database.write() as session:
        assert queries.mark_sent(session, attempt, 0) == f"{attempt}-1"
    assert state(database, attempt) == ("queued", "queued")
    with database.write() as session:
        assert queries.claim(session, attempt, "w1")
    assert state(database, attempt) == ("running", "running")
    with database.write() as session:
        assert queries.finish(session, attempt, GRADED)
    assert state(database, attempt) == ("graded", "graded")

    with database.read() as session:
        row = queries.submission(session, attempt.removesuffix("-1"))
        last = queries.last_attempt(session, attempt.removesuffix("-1"))
        assert row is not None
        assert last is not None
        assert (row.points, row.max_points, row.passed) == (8.0, 10.0, True)
        assert last.report == GRADED.report
        assert last.finished_at is not None
        assert last.finished_at.tzinfo is UTC


def test_a_second_result_of_an_attempt_is_dropped(database: Database) -> None:
    attempt = add(database)
    with database.write() as session:
        assert queries.finish(session, attempt, GRADED)
    with database.write() as session:
        assert not queries.finish(session, attempt, Outcome("failed", reason="late"))

    assert state(database, attempt) == ("graded", "graded")


def test_only_one_of_many_workers_gets_an_attempt(database: Database) -> None:
    attempt, got = add(database), []
    start = threading.Barrier(8)

    def take(name: str) -> None:
        start.wait()
        with database.write() as session:
            if queries.claim(session, attempt, name):
                got.append(name)

    threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1


def test_a_lease_that_runs_out_frees_the_attempt_for_another_worker(database: Database) -> None:
    attempt = add(database)
    long_ago = queries.now() - timedelta(hours=1)
    with database.write() as session:
        assert queries.claim(session, attempt, "dead", at=long_ago)
        assert queries.expire(session, attempt)
        assert not queries.expire(session, attempt)
        assert queries.claim(session, attempt, "alive")
        assert not queries.renew(session, attempt, "dead")
        assert queries.renew(session, attempt, "alive")
        assert not queries.expire(session, attempt)


def test_an_attempt_is_begun_three_times_and_no_more(database: Database) -> None:
    attempt = add(database)
    with database.write() as session:
        for _ in range(queries.MAX_TRIES):
            assert queries.claim(session, attempt, "w")
            assert queries.put_back(session, attempt, "w", wait=timedelta(0), reason="docker")
        assert not queries.claim(session, attempt, "w")


def test_only_the_worker_that_holds_an_attempt_puts_it_back(database: Database) -> None:
    attempt = add(database)
    with database.write() as session:
        assert queries.claim(session, attempt, "w1")
        assert not queries.put_back(session, attempt, "w2", wait=timedelta(0), reason="?")


def test_two_senders_make_one_job(database: Database) -> None:
    made: list[str] = []

    def make_job(name: str, attempt_id: str, *, job_id: str, timeout: int) -> None:
        made.append(f"{name} {job_id} {timeout}")

    attempt_id = add(database)
    with database.read() as session:
        attempt = queries.attempt(session, attempt_id)
        assert attempt is not None

    assert send(database, attempt, make_job)
    assert not send(database, attempt, make_job)
    assert made == [f"high {attempt_id}-1 60"]


def test_a_queue_that_refuses_leaves_the_attempt_in_the_outbox(database: Database) -> None:
    def make_job(name: str, attempt_id: str, *, job_id: str, timeout: int) -> None:
        raise ConnectionError

    attempt_id = add(database)
    with database.read() as session:
        attempt = queries.attempt(session, attempt_id)
        assert attempt is not None
    with pytest.raises(ConnectionError):
        send(database, attempt, make_job)

    assert state(database, attempt_id) == ("received", "received")


def test_a_request_key_is_taken_once(database: Database) -> None:
    add(database, request_key="k")
    with pytest.raises(IntegrityError):
        add(database, request_key="k")


def test_pages_follow_each_other_without_gap_or_overlap(database: Database) -> None:
    ids = [add(database).removesuffix("-1") for _ in range(7)]
    with database.read() as session:
        first = [row.id for row in queries.recent(session, 3)]
        second = [row.id for row in queries.recent(session, 3, first[-1])]
        third = [row.id for row in queries.recent(session, 3, second[-1])]
        assert first + second + third == ids[::-1]
        assert queries.recent(session, 3, "no such id") == []


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"), database.write() as session:
        queries.add_submission(session, NewSubmission("r", "r", "high", 60), at=datetime(2026, 1, 1))


@pytest.mark.parametrize("what", ["open_attempts", "recent", "last_attempt", "claim"])
def test_no_query_reads_a_whole_table(database: Database, what: str) -> None:
    attempt = add(database)
    statements: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *rest: object) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.write() as session:
        if what == "open_attempts":
            queries.open_attempts(session)
        elif what == "recent":
            queries.recent(session, 5, attempt.removesuffix("-1"))
        elif what == "last_attempt":
            queries.last_attempt(session, attempt.removesuffix("-1"))
        else:
            queries.claim(session, attempt, "w")
    event.remove(database.engine, "before_cursor_execute", note)

    with database.engine.connect() as connection:
        plans = [_plan(connection, *asked) for asked in statements if not asked[0].startswith("BEGIN")]
    assert plans
    scans = [line for line in "\n".join(plans).splitlines() if line.strip(" ->").startswith(("SCAN", "Seq Scan"))]
    assert [line for line in scans if "USING INDEX ix_attempts_open" not in line] == []


def _plan(connection: Connection, statement: str, parameters: Any) -> str:
    """How the database would do it; PostgreSQL is told to read a whole table only when nothing else helps."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(row[3] for row in rows)
    connection.exec_driver_sql("SET enable_seqscan = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
