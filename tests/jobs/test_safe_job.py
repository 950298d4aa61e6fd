"""What somebody who can write to the queue can make a worker do: nothing."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.job import JobStatus

from grader import jobs, queue
from grader.queue import SafeJob, UnsafeJob

NOW = "2026-01-01T00:00:00.000000Z"


class Boom:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.canary}",)


def push(redis: Redis, job_id: str, data: bytes, **more: object) -> None:
    """Write a job past RQ, as an attacker would."""
    fields = {"data": zlib.compress(data), "created_at": NOW, "enqueued_at": NOW, "origin": "high", "status": "queued"}
    redis.hset(f"rq:job:{job_id}", mapping={**fields, "timeout": "60", **more})  # type: ignore[dict-item]
    redis.sadd("rq:queues", "rq:queue:high")
    redis.rpush("rq:queue:high", job_id)


def call(function: str, *args: object, instance: object = None) -> bytes:
    return json.dumps([function, instance, list(args), {}]).encode()


def run(redis: Redis, *, forked: bool) -> None:
    """Run everything that waits, in this process or, as in production, in a forked one."""
    if forked:
        jobs.make_worker(redis).work(burst=True)
        return
    worker = SimpleWorker(
        [queue.queue(redis, "high")], connection=redis, job_class=SafeJob, serializer=queue.SERIALIZER
    )
    worker.work(burst=True)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture(autouse=True)
def _settings(settings: object) -> None:
    """Jobs read the environment."""


@pytest.mark.parametrize("forked", [False, True])
def test_a_pickle_is_never_opened(redis: Redis, canary: Path, forked: bool) -> None:
    boom = pickle.dumps(Boom(canary))
    push(redis, "evil", boom, meta=zlib.compress(boom), result=boom)
    run(redis, forked=forked)

    assert not canary.exists()
    assert SafeJob.fetch("evil", connection=redis, serializer="json").get_status() is JobStatus.FAILED


@pytest.mark.parametrize("forked", [False, True])
def test_a_function_that_is_not_on_the_list_is_not_run(redis: Redis, canary: Path, forked: bool) -> None:
    push(redis, "evil", call("os.system", f"touch {canary}"), success_callback_name="os.system")
    run(redis, forked=forked)

    assert not canary.exists()
    assert SafeJob.fetch("evil", connection=redis, serializer="json").get_status() is JobStatus.FAILED


@pytest.mark.parametrize(
    "data",
    [
        call("os.system", "true"),
        call("grader.jobs.os.system", "true"),
        call("grader.jobs.subprocess.run", "true"),
        call("grader.jobs.reconcile"),
        call("grader.jobs.work"),
        call("eval", "1"),
        call(queue.GRADE, "a-1", instance="text"),
        call("upper", instance="text"),
        call("__class__", instance=[]),
    ],
)
def test_only_the_grading_function_is_resolved(redis: Redis, data: bytes) -> None:
    push(redis, "evil", data)
    job = SafeJob.fetch("evil", connection=redis, serializer="json")

    with pytest.raises(UnsafeJob):
        _ = job.func


@pytest.mark.parametrize("kind", ["success", "failure", "stopped"])
def test_no_callback_is_run_and_a_job_with_a_strange_one_is_refused(redis: Redis, kind: str) -> None:
    push(redis, "evil", call(queue.GRADE, "a-1"), **{f"{kind}_callback_name": "os.system"})
    job = SafeJob.fetch("evil", connection=redis, serializer="json")

    assert getattr(job, f"{kind}_callback") is None
    with pytest.raises(UnsafeJob, match=r"os\.system"):
        _ = job.func


def test_a_job_makes_no_web_requests(redis: Redis) -> None:
    hook = {"url": "http://127.0.0.1:1/", "job_status": "failed", "method": "POST", "headers": None, "timeout": 1}
    push(redis, "evil", call("os.system"), webhooks=json.dumps([hook]))

    assert SafeJob.fetch("evil", connection=redis, serializer="json").webhooks == []


@pytest.mark.parametrize(
    "nonsense",
    [{"exc_info": b"\x80"}, {"status": "odd"}, {"timeout": "x"}, {"created_at": "x"}, {"dependency_ids": "{"}],
)
def test_a_job_that_cannot_even_be_read_is_dropped_and_the_worker_goes_on(
    redis: Redis, nonsense: dict[str, Any]
) -> None:
    push(redis, "odd", call(queue.GRADE, "a-1"), **nonsense)
    queue.enqueue(redis, "high", "nothing-1", job_id="good", timeout=60)
    run(redis, forked=True)

    assert SafeJob.fetch("good", connection=redis, serializer="json").get_status() is JobStatus.FINISHED


def test_a_good_job_is_run(redis: Redis) -> None:
    queue.enqueue(redis, "high", "nothing-1", job_id="good", timeout=60)
    run(redis, forked=True)

    assert SafeJob.fetch("good", connection=redis, serializer="json").get_status() is JobStatus.FINISHED
