"""Real workers, killed at the worst moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from grader import jobs, queue
from grader.config import Settings
from grader.db import Attempt, Database, queries

Submit = Callable[..., str]
Start = Callable[[], subprocess.Popen[bytes]]
WORKER = Path(__file__).with_name("stand_in.py")


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[Start]:
    """Starts a worker whose exam is the stand-in, with short leases."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = open(settings.home / f"worker{len(started)}.log", "wb")  # noqa: SIM115
        with log:
            started.append(
                subprocess.Popen([sys.executable, str(WORKER)], stdout=log, stderr=log, env=os.environ.copy())
            )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
    for process in started:
        process.wait(20)


def until(what: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def row(database: Database, attempt_id: str) -> Attempt:
    with database.read() as session:
        found = queries.last_attempt(session, attempt_id.removesuffix("-1"))
        assert found is not None
        return found


def horses(home: Path) -> list[int]:
    """Process ids of the gradings that were begun, oldest first."""
    path = home / "runs.txt"
    return [int(line.split()[1]) for line in path.read_text().splitlines()] if path.exists() else []


def test_killing_worker_and_work_horse_ends_in_one_grade(
    settings: Settings, database: Database, submit: Submit, start_worker: Start, home: Path
) -> None:
    go = home / "go"
    attempt = submit(f"wait {go}")
    first = start_worker()
    until(lambda: len(horses(home)) == 1)
    os.kill(horses(home)[0], signal.SIGSTOP)
    first.kill()
    os.kill(horses(home)[0], signal.SIGKILL)
    go.touch()
    start_worker()
    until(lambda: row(database, attempt).finished_at)

    done = row(database, attempt)
    assert done.state == "graded"
    assert done.tries == 2
    time.sleep(3)
    assert len(horses(home)) == 2


def test_a_work_horse_that_dies_is_replaced_while_its_worker_lives(
    database: Database, submit: Submit, start_worker: Start, home: Path
) -> None:
    attempt = submit("die")
    start_worker()
    until(lambda: row(database, attempt).finished_at)

    assert row(database, attempt).state == "failed"
    assert len(horses(home)) == queries.MAX_TRIES


def test_a_work_horse_outlives_its_killed_worker_and_its_result_counts_once(
    database: Database, submit: Submit, start_worker: Start, home: Path
) -> None:
    go = home / "go"
    attempt = submit(f"wait {go}")
    first = start_worker()
    until(lambda: len(horses(home)) == 1)
    first.kill()
    start_worker()
    time.sleep(5)
    assert row(database, attempt).tries == 1
    go.touch()
    until(lambda: row(database, attempt).finished_at)

    assert row(database, attempt).state == "graded"
    assert len(horses(home)) == 1


def test_a_stopped_worker_finishes_what_it_is_grading(
    database: Database, submit: Submit, start_worker: Start, home: Path
) -> None:
    attempt = submit("sleep 2")
    worker = start_worker()
    until(lambda: len(horses(home)) == 1)
    worker.terminate()
    assert worker.wait(20) == 0

    assert row(database, attempt).state == "graded"


def test_a_wiped_queue_in_the_middle_of_many_loses_and_doubles_nothing(
    settings: Settings, database: Database, submit: Submit, redis: Redis, start_worker: Start, home: Path
) -> None:
    attempts = [submit("sleep 0.3") for _ in range(6)]
    jobs.reconcile()
    start_worker()
    start_worker()
    until(lambda: len(horses(home)) >= 2)
    redis.flushdb()
    until(lambda: all(row(database, attempt).finished_at for attempt in attempts))

    assert {row(database, attempt).state for attempt in attempts} == {"graded"}
    assert len(horses(home)) == 6


def test_the_workers_settings_bring_a_lost_job_back_within_a_minute(redis: Redis) -> None:
    worker = jobs.make_worker(redis)

    assert (worker.worker_ttl, worker.maintenance_interval, worker.job_monitoring_interval) == (30, 15, 1)
    assert queries.LEASE.total_seconds() + jobs.RECONCILE_SECONDS < 60
    assert worker.job_class is queue.SafeJob
    assert worker.queue_names() == ["high", "default", "batch"]
