"""Attempts of an assignment: the published suite judges, logs are kept, one attempt of a student at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import stand_in
from redis import Redis

from grader import jobs, queue
from grader.config import Settings
from grader.db import Attempt, Database, queries, submitting, suites, webhooks
from grader.db.marking import Grade, Webhook
from grader.db.queries import NewSubmission, new_id, now
from grader.db.school import Assignment, Course, Person
from grader.intake.store import BlobStore
from grader.intake.tree import Tree

HandIn = Callable[..., str]


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "examine", stand_in.examine)
    monkeypatch.setattr(jobs, "BACKOFF", (timedelta(0), timedelta(0)))


@pytest.fixture
def assignment(settings: Settings, database: Database) -> Assignment:
    course = Course(id=new_id(), title="Sums", created_at=now())
    blobs = BlobStore(settings.blob_root)
    with database.write() as session:
        session.add(course)
        session.flush()
        folder = settings.rubrics / "adding"
        suite = suites.publish(session, blobs, course_id=course.id, by=None, folder=folder)
        row = Assignment(id=new_id(), course_id=course.id, suite_id=suite.id, title="Sums", created_at=now())
        session.add(row)
    return row


@pytest.fixture
def student(database: Database) -> Person:
    person = Person(
        id=new_id(), email="a@example.org", name="Ann", role="student", session_key=new_id(), created_at=now()
    )
    with database.write() as session:
        session.add(person)
    return person


@pytest.fixture
def hand_in(settings: Settings, database: Database, assignment: Assignment, student: Person) -> HandIn:
    """Hands in a solution.py; returns its attempt's id."""

    def make(solution: str = "") -> str:
        blob = BlobStore(settings.blob_root).put(Tree("repository", {"solution.py": solution.encode()}).tar())
        new = NewSubmission(rubric="addition", suite="", queue="high", job_timeout=60, blob=blob)
        with database.write() as session:
            row = session.get_one(Assignment, assignment.id)
            return submitting.add(session, row, student, new, now()).id + "-1"

    return make


def row(database: Database, attempt_id: str) -> Attempt:
    with database.read() as session:
        return queries.claimed(session, attempt_id)


def test_the_published_suite_judges_whatever_became_of_the_folder(
    settings: Settings, database: Database, hand_in: HandIn, assignment: Assignment, student: Person
) -> None:
    (settings.rubrics / "adding" / "rubric.yaml").unlink()
    attempt = hand_in()
    jobs.grade(attempt)

    assert row(database, attempt).state == "graded"
    with database.read() as session:
        grade = session.get_one(Grade, (assignment.id, student.id))
    assert grade.attempt_id == attempt


def test_logs_are_kept_for_staff(
    settings: Settings, database: Database, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chatty(*args: object, **rest: object) -> object:
        rest["on_artifact"]("candidate.log", b"\x1b[2J printed \xff")  # type: ignore[operator]
        return stand_in.examine(*args, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "examine", chatty)
    attempt = hand_in()
    jobs.grade(attempt)

    kept = row(database, attempt).artifacts
    assert kept is not None
    assert BlobStore(settings.blob_root).get(kept["candidate.log"]) == b"\x1b[2J printed \xff"


def test_a_students_second_attempt_waits_for_the_first(
    settings: Settings, database: Database, redis: Redis, hand_in: HandIn
) -> None:
    first = hand_in()
    with database.write() as session:
        assert queries.claim(session, first, "another")
    second = hand_in()
    jobs.reconcile()
    jobs.grade(second)

    waiting = row(database, second)
    assert (waiting.state, waiting.tries) == ("received", 0)
    assert waiting.due_at > now()
    assert not (settings.home / "runs.txt").exists()

    with database.write() as session:
        queries.put_back(session, first, "another", wait=timedelta(0), reason="?")
    redis.flushdb()
    jobs.grade(first)
    assert row(database, second).state == "queued"
    jobs.grade(second)
    assert [row(database, attempt).state for attempt in (first, second)] == ["graded", "graded"]


def test_a_cancelled_attempt_is_never_begun(settings: Settings, database: Database, hand_in: HandIn) -> None:
    attempt = hand_in()
    jobs.reconcile()
    hand_in()
    jobs.grade(attempt)

    assert row(database, attempt).state == "cancelled"
    assert not (settings.home / "runs.txt").exists()


def test_a_suite_whose_blob_is_gone_is_our_failure(settings: Settings, database: Database, hand_in: HandIn) -> None:
    attempt = hand_in()
    for path in (settings.home / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    jobs.grade(attempt)

    waiting = row(database, attempt)
    assert waiting.state == "received"
    assert "StoreError" in str(waiting.reason)


def test_durations_are_noted_for_estimates(redis: Redis, hand_in: HandIn) -> None:
    jobs.grade(hand_in())

    assert redis.llen("durations:high") == 1


def test_the_reconciler_delivers_what_webhooks_wait_for(
    settings: Settings, database: Database, assignment: Assignment, hand_in: HandIn
) -> None:
    with database.write() as session:
        hook = Webhook(
            id=new_id(), course_id=assignment.course_id, url="http://127.0.0.1:1/", secret="s", created_at=now()
        )
        session.add(hook)
    jobs.grade(hand_in())
    jobs.reconcile()

    with database.read() as session:
        deliveries = webhooks.deliveries(session, hook.id, 10)
    assert [delivery.tries for delivery in deliveries] == [1]


def test_a_queue_that_is_down_stops_no_grading(home: Path) -> None:
    lonely = queue.connect(Settings(redis_url=f"unix://{home}/nothing.sock"))
    queue.note_duration(lonely, "high", 3)
