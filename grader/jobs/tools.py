"""What a job works with: connections of its own, a lease that is renewed, and somebody who is told how far it is."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from grader import queue
from grader.config import Settings
from grader.db import Database, queries
from grader.exam.pipeline import Progress
from grader.intake.store import BlobStore
from grader.rubric.load import Suite

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tools:
    """What a job needs, opened for it alone: a work horse is a fork and must share no connection with its parent."""

    settings: Settings
    database: Database
    redis: Redis

    @cached_property
    def blobs(self) -> BlobStore:
        """Opened at first use, hence only in work horses: its threads would not survive a fork."""
        return BlobStore(self.settings.blob_root)


@contextlib.contextmanager
def tools(settings: Settings) -> Iterator[Tools]:
    database, redis = Database(settings.sqlalchemy_url), queue.connect(settings)
    try:
        yield Tools(settings, database, redis)
    finally:
        database.dispose()
        redis.close()


def progress_of(redis: Redis, attempt_id: str, suite: Suite) -> Callable[[Progress], None]:
    """Publishes what a student may see of a running exam: of hidden criteria how far, never which test."""
    visible = {criterion.id for criterion in suite.rubric.criteria if criterion.visibility == "visible"}

    def tell(progress: Progress) -> None:
        event: dict[str, Any] = {"stage": progress.stage, "done": progress.done, "total": progress.total}
        if progress.criterion in visible:
            event |= {"test": progress.test, "status": progress.status, "criterion": progress.criterion}
        queue.publish(redis, attempt_id, event)

    return tell


@contextlib.contextmanager
def lease(database: Database, attempt_id: str, worker: str) -> Iterator[None]:
    """Renews the lease from a thread of its own while the block runs."""
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(queries.LEASE.total_seconds() / 3):
            try:
                with database.write() as session:
                    if not queries.renew(session, attempt_id, worker):
                        log.warning("attempt %s is no longer ours", attempt_id)
            except SQLAlchemyError as error:
                log.error("the lease of attempt %s was not renewed: %s", attempt_id, error)

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
