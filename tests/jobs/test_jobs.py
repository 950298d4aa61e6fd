"""Grading an attempt, failing, trying again, and looking after what was lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
import stand_in
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown

from grader import jobs, queue
from grader.config import Settings
from grader.db import Attempt, Database, queries
from grader.db.queries import Outcome
from grader.errors import InfrastructureError
from grader.intake.store import BlobStore
from grader.intake.tree import Tree

Submit = Callable[..., str]


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "examine", stand_in.examine)
    monkeypatch.setattr(jobs, "BACKOFF", (timedelta(0), timedelta(0)))


def row(database: Database, attempt_id: str) -> Attempt:
    with database.read() as session:
        found = queries.last_attempt(session, attempt_id.rsplit("-", 1)[0])
        assert found is not None
        assert found.submission.state == found.state
        return found


def runs(settings: Settings) -> int:
    path = settings.home / "runs.txt"
    return len(path.read_text().splitlines()) if path.exists() else 0


def stages(redis: Redis, attempt_id: str) -> list[str]:
    count = int(str(redis.xlen(f"progress:{attempt_id}")))
    return [item[1]["stage"] for item in islice(queue.follow(redis, attempt_id), count) if item]


def test_an_attempt_is_graded_and_its_report_kept(settings: Settings, database: Database, submit: Submit) -> None:
    attempt = submit()
    jobs.grade(attempt)

    done = row(database, attempt)
    assert done.state == "graded"
    assert done.report is not None
    assert done.report["points"] == 6.0
    assert done.report["submission"]["digest"] == Tree("repository", {"solution.py": b""}).digest
    assert "\0" not in done.report["environment"]["seed"]
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.started_at <= done.finished_at
    with database.read() as session:
        submission = queries.submission(session, attempt.removesuffix("-1"))
        assert submission is not None
        assert (submission.points, submission.max_points, submission.passed) == (6.0, 10.0, True)


def test_the_executed_notebook_and_its_page_are_kept(settings: Settings, database: Database, submit: Submit) -> None:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "answer = 42", "outputs": []}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    attempt = submit(f"#nb {notebook}")
    jobs.grade(attempt)

    kept = row(database, attempt).artifacts
    assert kept is not None
    blobs = BlobStore(settings.blob_root)
    assert blobs.get(kept["notebook.ipynb"]) == notebook.encode()
    assert b"answer" in blobs.get(kept["notebook.html"])


def test_a_page_that_cannot_be_made_costs_no_grade(settings: Settings, database: Database, submit: Submit) -> None:
    attempt = submit("#nb {}")
    jobs.grade(attempt)

    done = row(database, attempt)
    assert done.state == "graded"
    assert done.artifacts is not None
    assert list(done.artifacts) == ["notebook.ipynb"]


def test_a_finished_attempt_is_not_graded_again(settings: Settings, database: Database, submit: Submit) -> None:
    attempt = submit()
    jobs.grade(attempt)
    jobs.grade(attempt)

    assert runs(settings) == 1


def test_an_attempt_that_another_worker_holds_is_left_alone(
    settings: Settings, database: Database, submit: Submit
) -> None:
    attempt = submit()
    with database.write() as session:
        queries.claim(session, attempt, "another")
    jobs.grade(attempt)

    assert runs(settings) == 0
    assert row(database, attempt).worker == "another"


def test_an_unknown_attempt_is_no_error(settings: Settings) -> None:
    jobs.grade("nothing-1")


def test_progress_names_tests_of_visible_criteria_only(redis: Redis, submit: Submit) -> None:
    attempt = submit()
    jobs.grade(attempt)

    assert stages(redis, attempt) == ["intake", "starting", "testing", "testing", "finished"]
    events = [item[1] for item in islice(queue.follow(redis, attempt), 5) if item]
    assert events[2]["test"] == "tests/test_open.py::test_add"
    assert events[3] == {"stage": "testing", "done": 2, "total": 2}


def test_a_rejected_submission_costs_no_second_try(settings: Settings, database: Database, submit: Submit) -> None:
    attempt = submit("reject")
    jobs.grade(attempt)

    done = row(database, attempt)
    assert (done.state, done.reason, done.place, done.fix) == (
        "rejected", "cannot be graded", "solution.py", "Mend it.",
    )  # fmt: skip
    assert jobs.reconcile() == 0


@pytest.mark.parametrize("failure", ["infra", "bug"])
def test_our_failure_is_tried_three_times_and_then_told(
    settings: Settings, database: Database, redis: Redis, submit: Submit, failure: str
) -> None:
    attempt = submit(failure)
    for tries in (1, 2):
        jobs.grade(attempt)
        waiting = row(database, attempt)
        assert (waiting.state, waiting.tries, waiting.finished_at) == ("received", tries, None)
        assert jobs.reconcile() == 1
    jobs.grade(attempt)

    done = row(database, attempt)
    assert done.state == "failed"
    assert done.reason is not None
    assert ("no Docker" in done.reason) or ("KeyError" in done.reason)
    assert runs(settings) == 3
    assert stages(redis, attempt)[-1] == "finished"
    assert jobs.reconcile() == 0


def test_a_missing_blob_is_our_failure(settings: Settings, database: Database, submit: Submit) -> None:
    attempt = submit(blob="sha256:" + "0" * 64)
    jobs.grade(attempt)

    waiting = row(database, attempt)
    assert waiting.state == "received"
    assert "StoreError" in str(waiting.reason)


def test_a_new_try_waits_for_its_time(
    settings: Settings, database: Database, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BACKOFF", (timedelta(hours=1), timedelta(hours=1)))
    jobs.grade(submit("infra"))

    assert jobs.reconcile() == 0


def test_a_repository_is_cloned_once_for_all_tries(
    settings: Settings, database: Database, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloned = []

    def clone(url: str, limits: object) -> Tree:
        cloned.append(url)
        return Tree("repository", {"only/solution.py": b"", "solution.py": b"infra"}, "c0ffee")

    monkeypatch.setattr(jobs, "clone", clone)
    attempt = submit(blob=None, source_url="https://example.org/a/b")
    jobs.grade(attempt)
    jobs.grade(attempt)

    assert cloned == ["https://example.org/a/b"]
    assert runs(settings) == 2
    with database.read() as session:
        submission = queries.submission(session, attempt.removesuffix("-1"))
        assert submission is not None
        assert (submission.commit, submission.size) == ("c0ffee", 5)


def test_a_row_that_the_queue_never_heard_of_is_sent(database: Database, redis: Redis, submit: Submit) -> None:
    attempt = submit()

    assert jobs.reconcile() == 1
    assert jobs.reconcile() == 0
    assert queue.live_jobs(redis) == {f"{attempt}-1"}
    assert row(database, attempt).state == "queued"


def test_a_wiped_queue_is_filled_again(database: Database, redis: Redis, submit: Submit) -> None:
    attempts = {submit() for _ in range(3)}
    jobs.reconcile()
    redis.flushdb()

    assert jobs.reconcile() == 3
    assert queue.live_jobs(redis) == {f"{attempt}-2" for attempt in attempts}


def test_a_dead_worker_gives_its_attempt_back(database: Database, redis: Redis, submit: Submit) -> None:
    attempt = submit()
    with database.write() as session:
        queries.claim(session, attempt, "dead", at=queries.now() - timedelta(hours=1))

    assert jobs.reconcile() == 1
    jobs.grade(attempt)
    assert row(database, attempt).state == "graded"


def test_a_living_worker_keeps_its_attempt(database: Database, submit: Submit) -> None:
    attempt = submit()
    with database.write() as session:
        queries.claim(session, attempt, "alive")

    assert jobs.reconcile() == 0


def test_an_attempt_that_kills_every_worker_ends_as_our_failure(database: Database, submit: Submit) -> None:
    attempt = submit()
    for _ in range(queries.MAX_TRIES):
        with database.write() as session:
            assert queries.claim(session, attempt, "dead", at=queries.now() - timedelta(hours=1))
        jobs.reconcile()

    done = row(database, attempt)
    assert done.state == "failed"
    assert "lost 3 times" in str(done.reason)


def test_a_late_result_does_not_overwrite_the_first(database: Database, submit: Submit, tmp_path: Path) -> None:
    attempt = submit()

    def overtaken(*args: object, **rest: object) -> object:
        with database.write() as session:
            queries.finish(session, attempt, Outcome("graded", report={"points": 9.0, "max_points": 10.0}))
        return stand_in.examine(*args, **rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "examine", overtaken)
        jobs.grade(attempt)

    assert row(database, attempt).report == {"points": 9.0, "max_points": 10.0}


def test_the_secret_is_made_once_and_private(settings: Settings) -> None:
    first = jobs.load_secret(settings)

    assert len(first) == 64
    assert jobs.load_secret(settings) == first
    assert (settings.home / "secret").stat().st_mode & 0o077 == 0
    assert [path.name for path in settings.home.glob("secret*")] == ["secret"]


def test_a_configured_secret_is_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET", "mine" * 8)

    assert jobs.load_secret(Settings()) == b"mine" * 8
    assert not (settings.home / "secret").exists()


def test_a_worker_without_a_queue_says_what_to_start(settings: Settings, home: Path) -> None:
    lonely = settings.model_copy(update={"redis_url": f"unix://{home}/nothing.sock"})

    with pytest.raises(InfrastructureError, match="grader serve"):
        jobs.work(lonely)


def test_looking_after_nothing_needs_no_queue(
    settings: Settings, database: Database, home: Path, submit: Submit
) -> None:
    lonely = settings.model_copy(update={"redis_url": f"unix://{home}/nothing.sock"})
    assert jobs.reconcile(lonely) == 0

    submit()
    with pytest.raises(RedisDown):
        jobs.reconcile(lonely)
