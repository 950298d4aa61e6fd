"""Handing in by the form and reading the result."""

from __future__ import annotations

import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select

from grader import queue
from grader.config import Settings
from grader.db import Attempt, Database, Submission, queries
from grader.db.queries import Outcome
from grader.intake.store import BlobStore
from grader.intake.tree import Tree
from grader.web import create_app
from grader.web.services import services

Form = Callable[..., dict[str, Any]]


def hand_in(client: FlaskClient, fields: dict[str, Any]) -> str:
    """Returns the submission's id."""
    response = client.post("/submissions", data=fields)
    assert response.status_code == 303, response.text
    assert response.headers["Location"].startswith("/submissions/")
    return response.headers["Location"].rsplit("/", 1)[1]


def finish(database: Database, public_id: str, outcome: Outcome) -> None:
    with database.write() as session:
        assert queries.finish(session, f"{public_id}-1", outcome)


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def stored(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "blobs").rglob("*") if path.is_file()]


def test_an_empty_site_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/").text

    assert "Nothing has been handed in yet." in page
    assert "Add &lt;two&gt; numbers" in page
    assert "<script>alert" not in page
    assert "javascript:" not in page.split("<main", 1)[1].replace("[x](javascript:alert(1))", "")


def test_a_site_without_projects_says_how_to_make_one(app: Flask, client: FlaskClient) -> None:
    (services(app).settings.rubrics / "adding" / "rubric.yaml").unlink()

    assert "grader rubric new" in client.get("/").text


def test_a_broken_rubric_hides_only_itself(app: Flask, client: FlaskClient) -> None:
    broken = services(app).settings.rubrics / "broken"
    broken.mkdir()
    (broken / "rubric.yaml").write_text("rubric: 1\nid: [")

    assert "Add &lt;two&gt; numbers" in client.get("/").text


def test_an_upload_becomes_a_row_a_blob_and_a_job(
    client: FlaskClient, form: Form, database: Database, redis: Redis, settings: Settings
) -> None:
    public_id = hand_in(client, form())

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
    assert client.get(f"/submissions/{public_id}").status_code == 200


def test_a_submission_survives_a_queue_that_is_down(settings: Settings, form: Form, tmp_path: Path) -> None:
    app = create_app(settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nothing.sock"}))
    client = app.test_client()

    public_id = hand_in(client, form())

    page = client.get(f"/submissions/{public_id}").text
    assert "Waiting for a free grader." in page
    with services(app).database.read() as session:
        assert [attempt.state for attempt in queries.open_attempts(session)] == ["received"]
    assert client.get("/healthz").status_code == 503
    services(app).database.dispose()


def test_a_double_click_makes_one_submission(client: FlaskClient, form: Form, database: Database) -> None:
    first = hand_in(client, form(token="t1"))

    assert hand_in(client, form(token="t1")) == first
    assert hand_in(client, form(token="t2")) != first
    assert hand_in(client, form(b"x = 1", "solution.py", token="t1")) != first
    assert count(database) == 3


def test_clicks_in_the_same_moment_make_one_submission(app: Flask, form: Form, database: Database) -> None:
    ids: list[str] = []
    start = threading.Barrier(6)

    def click() -> None:
        fields = form(token="t")
        start.wait()
        ids.append(hand_in(app.test_client(), fields))

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
    client: FlaskClient, form: Form, database: Database, settings: Settings, data: bytes, name: str
) -> None:
    response = client.post("/submissions", data=form(data, name))

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
def test_a_git_address_inside_is_refused(client: FlaskClient, form: Form, database: Database, url: str) -> None:
    response = client.post("/submissions", data=form(git_url=url))

    assert response.status_code == 422
    assert "Nothing was handed in." in response.text
    assert count(database) == 0


@pytest.mark.parametrize(
    "fields", [{"rubric": "addition"}, {"rubric": "nope", "git_url": "https://example.org/a/b"}, {}]
)
def test_a_form_without_work_or_project_is_refused(client: FlaskClient, fields: dict[str, str]) -> None:
    response = client.post("/submissions", data=fields, content_type="multipart/form-data")

    assert response.status_code == 422


def test_a_file_and_an_address_together_are_refused(client: FlaskClient, form: Form) -> None:
    fields = form() | {"git_url": "https://example.org/a/b"}

    assert "Send one of them." in client.post("/submissions", data=fields).text


def test_a_strange_file_name_is_shown_as_text(client: FlaskClient, form: Form) -> None:
    public_id = hand_in(client, form(None, "../<img src=x onerror=alert(1)>\u202eyp.zip"))

    page = client.get(f"/submissions/{public_id}").text
    assert "<img" not in page
    assert "\u202e" not in page
    assert "../" not in page


def test_a_waiting_submission_shows_its_place(client: FlaskClient, form: Form) -> None:
    hand_in(client, form(token="1"))
    second = hand_in(client, form(token="2"))

    page = client.get(f"/submissions/{second}").text
    assert "1 ahead of you." in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'data-events="/submissions/{second}/events"' in page


def test_a_running_submission_shows_its_stage(
    client: FlaskClient, form: Form, database: Database, redis: Redis
) -> None:
    public_id = hand_in(client, form())
    with database.write() as session:
        queries.claim(session, f"{public_id}-1", "w")
    queue.publish(redis, f"{public_id}-1", {"stage": "testing", "done": 2, "total": 5})

    page = client.get(f"/submissions/{public_id}").text
    assert "Running the tests" in page
    assert 'value="2" max="5"' in page


def test_a_result_shows_points_messages_and_what_is_still_to_win(
    client: FlaskClient, form: Form, database: Database, report: dict[str, Any]
) -> None:
    public_id = hand_in(client, form())
    finish(database, public_id, Outcome("graded", report=report))

    page = client.get(f"/submissions/{public_id}").text
    for text in ("3</span> of 10 points", "7 points still to win", "3 != &lt;b&gt;4&lt;/b&gt;", "my print", "Hint:"):
        assert text in page
    assert "meta http-equiv" not in page
    assert "data-events" not in page


def test_a_hidden_criterion_shows_neither_message_nor_output_nor_parameters(
    client: FlaskClient, form: Form, database: Database, report: dict[str, Any]
) -> None:
    public_id = hand_in(client, form())
    finish(database, public_id, Outcome("graded", report=report))

    for address in (f"/submissions/{public_id}", f"/api/v1/submissions/{public_id}"):
        page = client.get(address).text
        assert "Adds more" in page
        assert "secret" not in page
        assert "seedseed" not in page


def test_a_rejected_submission_says_why_and_what_to_do(client: FlaskClient, form: Form, database: Database) -> None:
    public_id = hand_in(client, form())
    finish(database, public_id, Outcome("rejected", reason="No solution.py.", place="solution.py", fix="Add it."))

    page = client.get(f"/submissions/{public_id}").text
    assert "No solution.py." in page
    assert "Add it." in page
    assert "costs you no attempt" in page


def test_our_own_failure_is_no_zero_and_tells_the_student_no_internals(
    client: FlaskClient, form: Form, database: Database
) -> None:
    public_id = hand_in(client, form())
    finish(database, public_id, Outcome("failed", reason="SandboxError: no space left"))

    page = client.get(f"/submissions/{public_id}").text
    assert "failed on our side" in page
    assert "SandboxError" not in page
    assert "SandboxError" not in client.get(f"/api/v1/submissions/{public_id}").text


def test_older_submissions_are_a_page_away(client: FlaskClient, form: Form) -> None:
    ids = [hand_in(client, form(token=str(n))) for n in range(17)]

    page = client.get("/").text
    assert ids[-1] in page
    assert ids[0] not in page
    older = re.search(r'href="(/\?before=[0-9a-f]+)#recent">Older', page)
    assert older is not None
    assert ids[0] in client.get(older[1]).text


def test_a_repository_waits_for_a_worker_to_clone_it(
    client: FlaskClient, form: Form, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.intake.address.public_addresses", lambda *_: ["192.0.2.1"])
    public_id = hand_in(client, form(git_url="https://example.org/ada/adding.git"))

    with database.read() as session:
        row = session.scalar(select(Submission).where(Submission.id == public_id))
        assert row is not None
        assert (row.source_url, row.blob) == ("https://example.org/ada/adding.git", None)
        assert session.scalar(select(Attempt.queue)) == "high"
