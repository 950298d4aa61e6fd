"""Telling the queue about an attempt, so that neither a crash nor a dead queue loses one."""

from __future__ import annotations

from typing import Protocol

from grader.db import queries
from grader.db.engine import Database
from grader.db.tables import Attempt


class MakeJob(Protocol):
    """`grader.queue.enqueue` bound to a connection; this package does not know the queue."""

    def __call__(self, name: str, attempt_id: str, *, job_id: str, timeout: int) -> object: ...


def send(database: Database, attempt: Attempt, make_job: MakeJob) -> bool:
    """Make a job for an attempt that has none. False when another process did it first.

    The row is marked before the job is made. A process that dies in between leaves a row whose job is not alive, which
    the reconciler sends again; a queue that refuses puts the row back, and its exception is raised.
    """
    with database.write() as session:
        job_id = queries.mark_sent(session, attempt.id, attempt.sends)
    if job_id is None:
        return False
    try:
        make_job(attempt.queue, attempt.id, job_id=job_id, timeout=attempt.job_timeout)
    except Exception:
        with database.write() as session:
            queries.unsend(session, attempt.id, job_id)
        raise
    return True
