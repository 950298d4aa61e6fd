"""What workers run: grade an attempt, look after attempts that were lost.

The database decides. A worker claims an attempt with a lease and renews it while it works; whoever finishes an attempt
first writes its result, and every later result of it is thrown away. A worker that dies lets its lease run out, and the
reconciler sends the attempt again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import time
from datetime import timedelta
from functools import partial
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from grader import queue
from grader.config import Settings, load_secret, setup_logging
from grader.db import Attempt, Submission, migrate, queries
from grader.db.outbox import send
from grader.db.school import PublishedSuite
from grader.db.suites import open_suite
from grader.errors import InfrastructureError, StoreError, SubmissionRejected
from grader.exam.pipeline import grade as examine
from grader.intake.clone import clone
from grader.intake.notebook import prepare
from grader.intake.tree import IntakeLimits, Kind, Tree
from grader.jobs.keeping import storable, with_page
from grader.jobs.tools import Tools, lease, progress_of, tools
from grader.render import STANDBY
from grader.rubric.load import Suite, load_suite
from grader.rubric.report import Report
from grader.sandbox.client import LauncherClient
from grader.webhooks import deliver_due

log = logging.getLogger(__name__)

BACKOFF = (timedelta(seconds=5), timedelta(seconds=30))
HELD_BACK = timedelta(seconds=5)
"""How long an attempt waits at least while another one of the same student and assignment is held."""
RECONCILE_SECONDS = 15.0
LISTEN = ("high", "default", "batch")
WORKER_TTL = 30
MAINTENANCE_SECONDS = 15
MONITORING_SECONDS = 1


def grade(attempt_id: str) -> None:
    """Grade one attempt and commit its result; returns at once when it is finished or another worker is at it."""
    worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    with tools(Settings()) as t:
        with t.database.write() as session:
            if queries.hold_back(session, attempt_id, wait=HELD_BACK):
                log.info("attempt %s waits for another one of its student's", attempt_id)
                return
            if not queries.claim(session, attempt_id, worker):
                log.info("attempt %s needs no worker", attempt_id)
                return
            attempt = queries.claimed(session, attempt_id)
            submission = attempt.submission
        queue.publish(t.redis, attempt_id, {"stage": "intake", "try": attempt.tries})
        log.info("attempt %s: try %d begins", attempt_id, attempt.tries)
        with lease(t.database, attempt_id, worker):
            outcome = _try(t, attempt, submission)
        _conclude(t, attempt, worker, outcome)


def reconcile(settings: Settings | None = None) -> int:
    """Send every open attempt that no worker has and no job stands for, and every delivery of a webhook that is due.

    Returns how many jobs were made. Safe to run in any number of processes at once. Costs two queries when nothing is
    open, however long the history.
    """
    with tools(settings or Settings()) as t:
        deliver_due(t.database, t.settings)
        with t.database.read() as session:
            attempts = queries.open_attempts(session)
        if not attempts:
            return 0
        live = queue.live_jobs(t.redis)
        return sum(_look_after(t, attempt, live) for attempt in attempts)


class GraderWorker(Worker):
    """RQ's worker that also runs `reconcile` every 15 seconds: between jobs, while idle and while a work horse runs."""

    _reconciled = 0.0

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job in a work horse, which may use the renderer that stands by."""
        STANDBY.prepare()
        super().execute_job(job, queue)
        STANDBY.prepare()

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """How the work horse ended. One that was killed may have left its renderer in the middle of a page."""
        process, status, usage = super().wait_for_horse()
        if status != os.EX_OK:
            STANDBY.close()
        return process, status, usage

    def run_maintenance_tasks(self) -> None:
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        self._reconcile_when_due()

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        super().maintain_heartbeats(job, execution)
        self._reconcile_when_due()

    def _reconcile_when_due(self) -> None:
        if time.monotonic() - self._reconciled < RECONCILE_SECONDS - 1 and self._reconciled:
            return
        self._reconciled = time.monotonic()
        try:
            if made := reconcile():
                log.warning("%d lost or waiting attempts were sent again", made)
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.error("attempts could not be looked after: %s", error)


def make_worker(redis: Redis, queues: tuple[str, ...] = LISTEN) -> GraderWorker:
    """A worker of these queues (see `grader.queue.QUEUES`) that runs nothing but `grader.queue.ALLOWED`."""
    return GraderWorker(
        [queue.queue(redis, name) for name in queues],
        connection=redis,
        job_class=queue.SafeJob,
        serializer=queue.SERIALIZER,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=MONITORING_SECONDS,
    )


def work(settings: Settings | None = None, *, queues: tuple[str, ...] = LISTEN, burst: bool = False) -> None:
    """Run a worker until it is told to stop (after the current grading, on SIGTERM), or with `burst` until all is done.

    Raises InfrastructureError when the queue does not answer.
    """
    settings = settings or Settings()
    setup_logging(settings.log_level)
    migrate(settings)
    load_secret(settings)
    redis = queue.connect(settings)
    try:
        redis.ping()
    except RedisError as error:
        url = queue.redis_url(settings)
        raise InfrastructureError(
            f"no queue answers at {url}: start `grader serve`, or set GRADER_REDIS_URL"
        ) from error
    prepare()
    try:
        make_worker(redis, queues).work(burst=burst, logging_level="WARNING")  # RQ reports every cleaning otherwise
    finally:
        STANDBY.close()


def _try(t: Tools, attempt: Attempt, submission: Submission) -> queries.Outcome | Exception:
    """The outcome, or what went wrong on our side: known failures, bugs and RQ's time limit alike."""
    kept: dict[str, bytes] = {}
    try:
        report = _examine(t, attempt, submission, kept)
        artifacts = {name: t.blobs.put(content) for name, content in with_page(report, kept).items()}
    except SubmissionRejected as error:
        return queries.Outcome("rejected", reason=error.message, place=error.where, fix=error.fix)
    except Exception as error:
        log.exception("attempt %s, try %d", attempt.id, attempt.tries)
        return error
    if report.outcome == "failed":
        return InfrastructureError(report.reason or "the exam failed")
    return queries.Outcome(
        report.outcome,
        report=storable(report.model_dump(mode="json")),
        reason=report.reason,
        artifacts=artifacts,
    )


def _examine(t: Tools, attempt: Attempt, submission: Submission, kept: dict[str, bytes]) -> Report:
    """Grade; what is worth keeping beside the report goes into `kept` under its name."""
    suite = _suite(t, attempt, submission)
    return examine(
        suite,
        _tree(t, submission, IntakeLimits(max_bytes=suite.rubric.submission.max_size)),
        LauncherClient(t.settings.launcher_socket),
        secret=load_secret(t.settings),
        job=attempt.id,
        on_progress=progress_of(t.redis, attempt.id, suite),
        on_artifact=kept.__setitem__,
        queued=attempt.created_at.timestamp(),
    )


def _suite(t: Tools, attempt: Attempt, submission: Submission) -> Suite:
    if attempt.suite_id is None:
        return load_suite(t.settings.rubrics / submission.suite)
    with t.database.read() as session:
        published = session.get_one(PublishedSuite, attempt.suite_id)
    return open_suite(t.settings, t.blobs, published)


def _conclude(t: Tools, attempt: Attempt, worker: str, outcome: queries.Outcome | Exception) -> None:
    with t.database.write() as session:
        if isinstance(outcome, Exception):
            reason = f"{type(outcome).__name__}: {outcome}"
            if attempt.tries < queries.MAX_TRIES:
                queries.put_back(session, attempt.id, worker, wait=BACKOFF[attempt.tries - 1], reason=reason)
                state = "waiting"
            else:
                queries.finish(session, attempt.id, queries.Outcome("failed", reason=reason))
                state = "failed"
        else:
            state = outcome.state
            if not queries.finish(session, attempt.id, outcome):
                log.warning("attempt %s was finished by another worker; this result is dropped", attempt.id)
    log.info("attempt %s: %s", attempt.id, state)
    if state == "graded" and attempt.started_at is not None:
        queue.note_duration(t.redis, attempt.queue, (queries.now() - attempt.started_at).total_seconds())
    if state != "waiting":
        _send_next(t, attempt)
    queue.publish(t.redis, attempt.id, {"stage": state if state == "waiting" else "finished", "state": state})


def _send_next(t: Tools, attempt: Attempt) -> None:
    """What waited for this attempt to end goes at once; a queue that is down leaves it to the reconciler."""
    with t.database.read() as session:
        waiting = queries.held_back(session, attempt.id)
    with contextlib.suppress(RedisError):
        for other in waiting:
            send(t.database, other, partial(queue.enqueue, t.redis))


def _look_after(t: Tools, attempt: Attempt, live: set[str]) -> bool:
    now = queries.now()
    if attempt.state == "running":
        if attempt.lease_until is not None and attempt.lease_until > now:
            return False
        if not _recover(t, attempt):
            return False
    elif (attempt.state == "queued" and attempt.job_id in live) or attempt.due_at > now:
        return False
    return send(t.database, attempt, partial(queue.enqueue, t.redis))


def _recover(t: Tools, attempt: Attempt) -> bool:
    """Take an attempt from a dead worker. False when it was the last try, or when the worker lives after all."""
    with t.database.write() as session:
        if attempt.tries < queries.MAX_TRIES:
            return queries.expire(session, attempt.id)
        outcome = queries.Outcome("failed", reason=f"the worker was lost {attempt.tries} times")
        queries.finish(session, attempt.id, outcome)
    queue.publish(t.redis, attempt.id, {"stage": "finished", "state": "failed"})
    return False


def _tree(t: Tools, submission: Submission, limits: IntakeLimits) -> Tree:
    """The submission's files. A repository is cloned once: every later try reads what the first one stored."""
    if submission.blob is not None:
        kind: Kind = "notebook" if submission.kind == "notebook" else "repository"
        return Tree.from_tar(t.blobs.get(submission.blob), kind, submission.commit)
    if submission.source_url is None:
        raise StoreError(f"submission {submission.id} has neither files nor an address")
    tree = clone(submission.source_url, limits)
    data = tree.tar()
    digest = t.blobs.put(data)
    with t.database.write() as session:
        queries.set_source(session, submission.id, blob=digest, size=tree.size, commit=tree.commit)
    return tree
