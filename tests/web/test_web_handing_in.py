"""Handing in by the form: what is taken, what is refused, and that it happens once."""

from __future__ import annotations

import io
import re
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
from conftest import AsPerson, School
from flask import Flask
from flask.testing import FlaskClient
from handing_in import address, count, hand_in, work
from redis import Redis
from sqlalchemy import select

from grader import queue
from grader.config import Settings
from grader.db import Attempt, Database, Submission, queries
from grader.intake.store import BlobStore
from grader.intake.tree import Tree
from grader.web.services import services


def stored(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "blobs").rglob("*") if path.is_file()]


def test_an_upload_becomes_a_row_a_blob_and_a_job(
    student: FlaskClient, school: School, database: Database, redis: Redis, settings: Settings
) -> None:
    public_id = hand_in(student, school)

    assert re.fullmatch("[0-9a-f]{32}", public_id)
    with database.read() as session:
        row = queries.submission(session, public_id)
        attempt = queries.last_attempt(session, public_id)
    assert row is not None
    assert attempt is not None
    assert (row.rubric, row.suite, row.filename, row.state) == ("addition", "adding", "work.zip", "queued")
    assert row.blob is not None
    tree = Tree.from_tar(BlobStore(settings.blob_root).get(row.blob), "repository")
    assert tree.files == {"solution.py": b"def add(a, b): return a + b"}
    job = queue.queue(redis, "high").fetch_job(str(attempt.job_id))
    assert job is not None
    assert (job.func_name, list(job.args)) == (queue.GRADE, [attempt.id])
    assert int(job.timeout or 0) > 30
    assert student.get(f"/submissions/{public_id}").status_code == 200


def test_a_submission_survives_a_queue_that_is_down(
    school: School, as_person: AsPerson, app: Flask, tmp_path: Path
) -> None:
    services(app).redis.connection_pool.connection_kwargs["path"] = f"{tmp_path}/nothing.sock"
    services(app).redis.connection_pool.disconnect()
    student = as_person(school.student)

    public_id = hand_in(student, school)

    page = student.get(f"/submissions/{public_id}").text
    assert "Waiting for a free grader." in page
    with services(app).database.read() as session:
        assert [attempt.state for attempt in queries.open_attempts(session)] == ["received"]
    assert student.get("/healthz").status_code == 503


def test_a_double_click_makes_one_submission(student: FlaskClient, school: School, database: Database) -> None:
    first = hand_in(student, school, work(token="t1"))

    assert hand_in(student, school, work(token="t1")) == first
    assert hand_in(student, school, work(token="t2")) != first
    assert hand_in(student, school, work(b"x = 1", "solution.py", token="t1")) != first
    assert count(database) == 3


def test_clicks_in_the_same_moment_make_one_submission(school: School, as_person: AsPerson, database: Database) -> None:
    ids: list[str] = []
    start = threading.Barrier(6)

    def click() -> None:
        client, fields = as_person(school.student), work(token="t")
        start.wait()
        ids.append(hand_in(client, school, fields))

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 6
    assert len(set(ids)) == 1
    assert count(database) == 1


def slip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil.py", "x")
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("solution.py", b"\0" * (60 * 1024 * 1024))
    return out.getvalue()


def linked() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("solution.py")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (slip(), "slip.zip"),
        (bomb(), "bomb.zip"),
        (linked(), "link.tar.gz"),
        (b"MZ\x00\x01", "virus.exe"),
        (b"PK\x03\x04 half", "half.zip"),
        (b"x = 1", "other.py"),
        (b"{}", "analysis.ipynb"),
        (b"", "empty.zip"),
    ],
)
def test_an_upload_that_cannot_be_graded_is_refused_and_nothing_is_stored(
    student: FlaskClient, school: School, database: Database, settings: Settings, data: bytes, name: str
) -> None:
    response = student.post(address(school, "/submissions"), data=work(data, name))

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert "Nothing was handed in." in response.text
    assert count(database) == 0
    assert stored(settings) == []


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/a/b", "https://localhost/a/b", "http://example.org/a/b", "file:///etc", "git@example.org:a/b",
     "ssh://example.org/a", "https://user:pass@example.org/a/b", "https://[::1]/a/b", "https://169.254.169.254/a"],
)  # fmt: skip
def test_a_git_address_inside_is_refused(student: FlaskClient, school: School, database: Database, url: str) -> None:
    response = student.post(address(school, "/submissions"), data=work(git_url=url))

    assert response.status_code == 422
    assert "Nothing was handed in." in response.text
    assert count(database) == 0


@pytest.mark.parametrize("more", [{"score": "100"}, {"person_id": "1"}, {"rubric": "other"}, {"role": "instructor"}])
def test_a_field_that_the_form_does_not_have_is_refused(
    student: FlaskClient, school: School, database: Database, more: dict[str, str]
) -> None:
    response = student.post(address(school, "/submissions"), data=work() | more)

    assert response.status_code == 422
    assert "no such field" in response.text
    assert count(database) == 0


def test_a_form_without_work_is_refused(student: FlaskClient, school: School) -> None:
    response = student.post(address(school, "/submissions"), data={}, content_type="multipart/form-data")

    assert response.status_code == 422
    assert "Choose a file" in response.text


def test_who_is_not_in_the_course_hands_in_nothing(school: School, as_person: AsPerson, database: Database) -> None:
    response = as_person(school.outsider).post(address(school, "/submissions"), data=work())

    assert response.status_code == 404
    assert count(database) == 0


def test_a_newer_submission_takes_the_place_of_one_that_waits(student: FlaskClient, school: School) -> None:
    first, second = hand_in(student, school), hand_in(student, school)

    assert "was cancelled" in student.get(f"/submissions/{first}").text
    assert "A newer submission took its place." in student.get(f"/submissions/{first}").text
    assert "You are next." in student.get(f"/submissions/{second}").text


def test_a_file_and_an_address_together_are_refused(student: FlaskClient, school: School) -> None:
    fields = work() | {"git_url": "https://example.org/a/b"}

    assert "Send one of them." in student.post(address(school, "/submissions"), data=fields).text


def test_a_repository_waits_for_a_worker_to_clone_it(
    student: FlaskClient, school: School, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.intake.address.public_addresses", lambda *_: ["192.0.2.1"])
    public_id = hand_in(student, school, work(git_url="https://example.org/ada/adding.git"))

    with database.read() as session:
        row = session.scalar(select(Submission).where(Submission.id == public_id))
        assert row is not None
        assert (row.source_url, row.blob) == ("https://example.org/ada/adding.git", None)
        assert session.scalar(select(Attempt.queue)) == "high"
