"""The embedded server, jobs, places, limits and the progress stream."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown

from grader import queue
from grader.config import Settings
from grader.errors import InfrastructureError
from grader.jobs import make_worker
from grader.queue import EmbeddedServer


def at(home: Path) -> Settings:
    return Settings(home=home, _env_file=None)  # type: ignore[call-arg]


def test_the_embedded_server_keeps_its_data_over_a_restart(home: Path) -> None:
    with EmbeddedServer(at(home)) as server, Redis.from_url(server.url) as client:
        client.set("kept", "yes")
    assert not server.owned

    with EmbeddedServer(at(home)) as server, Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"


def test_it_listens_on_a_private_socket_only(home: Path) -> None:
    with EmbeddedServer(at(home)) as server, Redis.from_url(server.url) as client:
        assert server.socket.stat().st_mode & 0o077 == 0
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_a_second_process_uses_the_server_without_owning_it(home: Path) -> None:
    with EmbeddedServer(at(home)) as owner:
        second = EmbeddedServer(at(home))
        second.start()
        assert owner.owned
        assert not second.owned
        second.stop()
        with Redis.from_url(owner.url) as client:
            assert client.ping()


def test_a_server_whose_owner_was_killed_is_adopted_and_stopped(home: Path) -> None:
    code = "import time, sys; from grader.config import Settings; from grader.queue import *\n"
    code += "EmbeddedServer(Settings()).start(); print('up', flush=True); time.sleep(99)"
    owner = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"GRADER_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    with Redis.from_url(f"unix://{home}/queue.sock") as client:
        client.set("kept", "yes")
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        owner.stdout.close()
        assert client.get("kept") == b"yes"

        with EmbeddedServer(at(home)) as heir:
            assert heir.owned
            assert client.get("kept") == b"yes"
    with pytest.raises(RedisDown), Redis.from_url(heir.url) as client:
        client.ping()


def test_stopping_twice_is_fine(home: Path) -> None:
    server = EmbeddedServer(at(home))
    server.start()
    server.stop()
    server.stop()


def test_a_folder_too_deep_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="GRADER_HOME"):
        EmbeddedServer(at(tmp_path / ("d" * 100)))


def test_a_configured_server_is_used_as_it_is(home: Path) -> None:
    settings = Settings(home=home, redis_url="redis://127.0.0.1:1/0", _env_file=None)  # type: ignore[call-arg]
    with queue.serving(settings) as url:
        assert url == "redis://127.0.0.1:1/0"
    assert list(home.iterdir()) == []


def test_the_same_job_is_made_once(redis: Redis) -> None:
    assert queue.enqueue(redis, "high", "a-1", job_id="a-1-1", timeout=60)
    assert not queue.enqueue(redis, "high", "a-1", job_id="a-1-1", timeout=60)

    assert queue.live_jobs(redis) == {"a-1-1"}
    assert queue.queue(redis, "high").count == 1


def test_an_unknown_queue_is_refused(redis: Redis) -> None:
    with pytest.raises(ValueError, match="high, default, batch, gpu"):
        queue.queue(redis, "grade")


def test_places_count_the_queues_that_go_first(redis: Redis) -> None:
    for name, job in [("default", "d1"), ("high", "h1"), ("high", "h2"), ("batch", "b1"), ("gpu", "g1")]:
        queue.enqueue(redis, name, job, job_id=job, timeout=60)

    assert [queue.place(redis, "high", "h1"), queue.place(redis, "high", "h2")] == [1, 2]
    assert queue.place(redis, "default", "d1") == 3
    assert queue.place(redis, "batch", "b1") == 4
    assert queue.place(redis, "gpu", "g1") == 1
    assert queue.place(redis, "high", "gone") is None


def test_progress_is_followed_from_any_event_on(redis: Redis) -> None:
    for n in range(3):
        queue.publish(redis, "a-1", {"n": n})
    everything = [item for item in islice(queue.follow(redis, "a-1"), 3) if item]
    assert [event["n"] for _, event in everything] == [0, 1, 2]

    again = islice(queue.follow(redis, "a-1", everything[0][0]), 2)
    assert [item[1]["n"] for item in again if item] == [1, 2]
    assert queue.latest(redis, "a-1") == {"n": 2}
    assert queue.latest(redis, "b-1") is None


@pytest.mark.parametrize("nonsense", ["", "x", "$", "1-1; DROP", "9" * 50])
def test_a_nonsense_event_id_starts_from_the_beginning(redis: Redis, nonsense: str) -> None:
    queue.publish(redis, "a-1", {"n": 0})

    assert next(queue.follow(redis, "a-1", nonsense)) is not None


def test_silence_is_reported_as_a_beat_and_not_as_a_timeout(redis: Redis) -> None:
    begin = time.monotonic()

    assert next(queue.follow(redis, "a-1", beat=0.2)) is None
    assert time.monotonic() - begin < 2
    assert next(queue.follow(redis, "a-1", beat=60)) is None


def test_progress_is_bounded_and_expires(redis: Redis) -> None:
    for n in range(queue.PROGRESS_LENGTH + 50):
        queue.publish(redis, "a-1", {"n": n})

    assert redis.xlen("progress:a-1") == queue.PROGRESS_LENGTH
    assert 0 < int(str(redis.ttl("progress:a-1"))) <= queue.PROGRESS_SECONDS


def test_telling_progress_to_a_dead_queue_is_no_error(home: Path) -> None:
    with queue.connect(at(home)) as client:
        queue.publish(client, "a-1", {"n": 0})


def test_a_dead_queue_is_noticed_quickly(home: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(RedisDown), queue.connect(at(home)) as client:
        client.ping()
    assert time.monotonic() - begin < 3


def test_requests_beyond_the_limit_are_told_how_long_to_wait(redis: Redis) -> None:
    assert [queue.allow(redis, "k", 2, 3600) for _ in range(2)] == [0, 0]
    assert 0 < queue.allow(redis, "k", 2, 3600) <= 3600
    assert queue.allow(redis, "other", 2, 3600) == 0


def test_a_wait_is_estimated_from_what_went_before(redis: Redis) -> None:
    for job in ("a", "b", "c"):
        queue.enqueue(redis, "high", job, job_id=job, timeout=60)
    assert queue.wait(redis, "high", "c") == queue.Wait(3, None)

    for seconds in (10, 30, 500):
        queue.note_duration(redis, "high", seconds)
    assert queue.wait(redis, "high", "c") == queue.Wait(3, None)
    worker = make_worker(redis, ("high", "default"))
    worker.register_birth()
    assert queue.wait(redis, "high", "c") == queue.Wait(3, 90)
    assert queue.wait(redis, "high", "a") == queue.Wait(1, 30)
    second = make_worker(redis, ("high",))
    second.register_birth()
    assert queue.wait(redis, "high", "c") == queue.Wait(3, 45)
    assert queue.wait(redis, "high", "gone") is None
    for one in (worker, second):
        one.register_death()


def test_only_the_newest_durations_are_remembered(redis: Redis) -> None:
    for seconds in range(queue.REMEMBERED + 20):
        queue.note_duration(redis, "high", seconds)

    assert redis.llen("durations:high") == queue.REMEMBERED


def test_a_job_that_waits_is_taken_out(redis: Redis) -> None:
    for job in ("a", "b"):
        queue.enqueue(redis, "high", job, job_id=job, timeout=60)
    queue.cancel(redis, "high", "a")
    queue.cancel(redis, "high", "a")
    queue.cancel(redis, "high", "never")

    assert queue.live_jobs(redis) == {"b"}
    assert queue.place(redis, "high", "b") == 1
    assert queue.queue(redis, "high").fetch_job("a") is None
