"""Health checks of the containers: `healthy.py web|launcher|work`. The exit status is 0 when the part does its work."""

from __future__ import annotations

import os
import socket
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

BEAT = timedelta(seconds=120)
"""A worker says more often than this that it lives, also during a long exam."""


def web() -> bool:
    with urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=5) as answer:
        return answer.status == 200


def launcher() -> bool:
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(5)
        knock.connect(os.environ["GRADER_LAUNCHER"])
    return True


def work() -> bool:
    with Redis.from_url(os.environ["GRADER_REDIS_URL"]) as redis:
        mine = [worker for worker in Worker.all(connection=redis) if worker.hostname == socket.gethostname()]
    newest = max((worker.last_heartbeat for worker in mine if worker.last_heartbeat), default=None)
    return newest is not None and datetime.now(UTC) - newest.astimezone(UTC) < BEAT


if __name__ == "__main__":
    try:
        sys.exit(0 if {"web": web, "launcher": launcher, "work": work}[sys.argv[1]]() else 1)
    except (OSError, KeyError, RedisError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
