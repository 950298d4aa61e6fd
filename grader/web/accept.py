"""Taking in a submission: checked as a whole, then stored as a whole, then the queue is told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from flask import Flask, g, has_app_context
from redis.exceptions import RedisError
from sqlalchemy.exc import IntegrityError

from grader import queue
from grader.db import Attempt, Submission, queries, submitting
from grader.db.outbox import send
from grader.db.queries import NewSubmission
from grader.db.school import Assignment, Person, PublishedSuite
from grader.db.submitting import HandedIn
from grader.db.suites import open_suite
from grader.errors import BadInput, SubmissionRejected
from grader.intake.address import https_remote
from grader.intake.archive import read_archive
from grader.intake.collect import show
from grader.intake.notebook import clean, find_notebook, is_notebook
from grader.intake.store import digest_of
from grader.intake.tree import IntakeLimits, Tree
from grader.rubric.load import Suite
from grader.rubric.model import Submission as Wanted
from grader.web.services import Services

log = logging.getLogger(__name__)

SETUP_SECONDS = 900
"""What a job may take beside its exam: cloning, waiting for a place in the launcher (twice 330 s), linting."""
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Upload:
    """A file from a form."""

    stream: IO[bytes]
    filename: str


@dataclass(frozen=True)
class Request:
    """What somebody asks to have graded. `key` names the request, so that sending it twice makes one submission.

    Whether the person may see the assignment is for the caller to know.
    """

    assignment_id: str
    person_id: str
    upload: Upload | None = None
    git_url: str = ""
    queue: str = "default"
    key: str | None = None
    key_covers_content: bool = True
    """Whether other content under the same key is another request (a form sent again) or an error (the API)."""


def init_app(app: Flask) -> None:
    """Note when each request came, before its body is read: a slow line makes nobody late."""
    app.before_request(_note_time)


def accept(services: Services, asked: Request) -> Submission:
    """The submission's row, new or found by its key, with its first attempt in the queue or on the way there.

    The time at which the server got the request decides whether it is late.

    Raises:
        BadInput: not open, closed, no attempt left, too many waiting, nothing to grade, or a key that was used for
            something else.
        SubmissionRejected: the files cannot be graded. Nothing has been stored.
        StoreError: the assignment's suite or the blob store cannot be had.
    """
    at = _received_at()
    with services.database.read() as session:
        assignment, person = session.get(Assignment, asked.assignment_id), session.get(Person, asked.person_id)
        if assignment is None or person is None:
            raise BadInput("There is no such assignment.", where="assignment", fix="Open it from your course.")
        published = session.get_one(PublishedSuite, assignment.suite_id)
    suite = open_suite(services.settings, services.blobs, published)
    new, data = _new(suite, asked)
    with services.database.read() as session:
        found = queries.submission_by_request(session, new.request_key) if new.request_key else None
        refusal = submitting.standing(session, assignment, person.id, at).refusal if found is None else None
    if found is not None:
        return _found(found, new, asked)
    if refusal is not None:
        raise refusal
    if data is not None:
        services.blobs.put(data)
    row, superseded = _insert(services, new, asked, at)
    _tell_queue(services, row.id, superseded)
    return row


def cancel(services: Services, public_id: str, by: str) -> None:
    """End a submission that waits, at the wish of the person `by`. Raises BadInput when it does not wait."""
    with services.database.write() as session:
        attempt = submitting.cancel(session, public_id, by)
    _drop_jobs(services, [attempt])


def _note_time() -> None:
    g.received_at = queries.now()


def _received_at() -> datetime:
    return cast(datetime, g.received_at) if has_app_context() and "received_at" in g else queries.now()


def _new(suite: Suite, asked: Request) -> tuple[NewSubmission, bytes | None]:
    """What is to be inserted, and the bytes of its blob when there is one to store."""
    rubric = suite.rubric
    base = NewSubmission(
        rubric=rubric.id,
        suite="",
        queue="gpu" if rubric.limits.gpus else asked.queue,
        job_timeout=rubric.limits.time + SETUP_SECONDS,
        assignment_id=asked.assignment_id,
    )
    data = None
    if asked.upload is not None and asked.git_url:
        raise BadInput("There is both a file and a git address.", where="git_url", fix="Send one of them.")
    if asked.git_url:
        https_remote(asked.git_url)  # the worker looks again before it fetches
        new = replace(base, source_url=asked.git_url)
    elif asked.upload is not None:
        tree = _read(suite, asked.upload)
        data = tree.tar()
        name = show(PurePosixPath(asked.upload.filename.replace("\\", "/")).name)[-255:]
        new = replace(base, kind=tree.kind, blob=digest_of(data), filename=name, size=tree.size)
    else:
        raise BadInput(
            "There is nothing to grade.", where="file", fix="Choose a file, or give the address of a repository."
        )
    return replace(new, request_key=_request_key(asked, new)), data


def _read(suite: Suite, upload: Upload) -> Tree:
    """The upload's files; SubmissionRejected when this project could not grade them."""
    wanted = suite.rubric.submission
    tree = read_archive(cast(BinaryIO, upload.stream), upload.filename, IntakeLimits(max_bytes=wanted.max_size))
    has_notebook = _has_notebook(wanted, tree, upload.filename)
    if tree.kind not in wanted.accepts and not has_notebook:
        kinds = " or ".join(wanted.accepts)
        raise SubmissionRejected(f"This project takes a {kinds}.", where=upload.filename, fix=f"Hand in a {kinds}.")
    if tree.kind == "repository" and (missing := tree.missing(wanted.requires)):
        names = ", ".join(missing)
        raise SubmissionRejected(
            f"The upload has no {names}.", where=upload.filename, fix=f"Add {names} at the top of the archive."
        )
    return tree


def _has_notebook(wanted: Wanted, tree: Tree, filename: str) -> bool:
    """Whether an archive holds the notebook that this project executes, with what it needs beside it.

    SubmissionRejected when the project asks for one and there is none, or it is not valid.
    """
    if tree.kind != "repository" or (wanted.notebook is None and "notebook" not in wanted.accepts):
        return False
    if wanted.notebook is None and "repository" in wanted.accepts and not any(map(is_notebook, tree.files)):
        return False
    try:
        path = find_notebook(tree.files, wanted.notebook.path if wanted.notebook else None)
        clean(tree.files[path], path)
    except SubmissionRejected as error:
        where = f"{show(filename)}: {error.where}" if error.where else filename
        raise SubmissionRejected(error.message, where=where, fix=error.fix) from error
    return True


def _insert(services: Services, new: NewSubmission, asked: Request, at: datetime) -> HandedIn:
    try:
        with services.database.write() as session:
            found = queries.submission_by_request(session, new.request_key) if new.request_key else None
            if found is None:
                assignment = session.get_one(Assignment, asked.assignment_id)
                return submitting.hand_in(session, assignment, session.get_one(Person, asked.person_id), new, at)
    except IntegrityError:  # the same request in the same moment, on a database that lets both look before they write
        with services.database.read() as session:
            found = queries.submission_by_request(session, new.request_key or "")
        if found is None:
            raise
    return HandedIn(_found(found, new, asked), ())


def _found(found: Submission, new: NewSubmission, asked: Request) -> Submission:
    if not asked.key_covers_content and not _same(found, new):
        raise BadInput(
            "This Idempotency-Key was used for another submission.", where="Idempotency-Key", fix="Use a new key."
        )
    return found


def _same(found: Submission, new: NewSubmission) -> bool:
    if found.assignment_id != new.assignment_id or found.source_url != new.source_url:
        return False
    return new.source_url is not None or found.blob == new.blob


def _request_key(asked: Request, new: NewSubmission) -> str | None:
    if not asked.key:
        return None
    parts = ["2", asked.person_id, asked.key]
    if asked.key_covers_content:
        parts += [asked.assignment_id, new.blob or "", new.source_url or ""]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _tell_queue(services: Services, public_id: str, superseded: Sequence[Attempt]) -> None:
    """The row stands whatever happens here: a queue that does not answer is told later, by a worker's reconciler."""
    _drop_jobs(services, superseded)
    try:
        with services.database.read() as session:
            attempt = queries.last_attempt(session, public_id)
        if attempt is None or attempt.state != "received":
            return
        send(services.database, attempt, partial(queue.enqueue, services.redis))
        with services.database.read() as session:
            told = queries.attempt(session, attempt.id)
        if told is not None and told.state == "cancelled":  # meanwhile: who cancelled it found no job yet
            _drop_jobs(services, [told])
    except RedisError as error:
        log.warning("submission %s waits for the queue: %s", public_id, error)


def _drop_jobs(services: Services, attempts: Sequence[Attempt]) -> None:
    """Take the jobs of cancelled attempts out of the queue, and tell who watches. A job that stays ends at once."""
    for attempt in attempts:
        queue.publish(services.redis, attempt.id, {"stage": "finished", "state": "cancelled"})
        try:
            if attempt.job_id is not None:
                queue.cancel(services.redis, attempt.queue, attempt.job_id)
        except RedisError as error:
            log.warning("the job of %s stays in the queue: %s", attempt.id, error)
