"""The JSON API and its errors."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from grader import queue
from grader.db import Database, queries
from grader.db.queries import Outcome

Form = Callable[..., dict[str, Any]]
URL = "/api/v1/submissions"


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem document; it must be one."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body = response.get_json(force=True)
    assert body["status"] == status
    assert body["title"]
    return dict(body)


def test_a_file_is_accepted_and_its_report_appears(
    client: FlaskClient, form: Form, database: Database, redis: Redis, report: dict[str, Any]
) -> None:
    response = client.post(URL, data=form())

    assert response.status_code == 202
    body = response.get_json()
    assert body["state"] == "queued"
    assert body["place"] == 1
    assert body["report"] is None
    assert response.headers["Location"] == body["links"]["self"] == f"{URL}/{body['id']}"
    assert queue.queue(redis, "default").count == 1

    with database.write() as session:
        queries.finish(session, f"{body['id']}-1", Outcome("graded", report=report))
    done = client.get(response.headers["Location"]).get_json()
    assert done["state"] == "graded"
    assert list(done["report"]) == list(report)
    assert done["report"]["points"] == 3.0
    assert done["finished_at"] is not None


def test_a_git_address_is_accepted_as_json(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.intake.address.public_addresses", lambda *_: ["192.0.2.1"])
    response = client.post(URL, json={"rubric": "addition", "git_url": "https://example.org/a/b"})

    assert response.status_code == 202
    assert response.get_json()["git_url"] == "https://example.org/a/b"


def test_a_rejection_carries_its_reason_and_fix(client: FlaskClient, form: Form, database: Database) -> None:
    public_id = client.post(URL, data=form()).get_json()["id"]
    with database.write() as session:
        queries.finish(session, f"{public_id}-1", Outcome("rejected", reason="Why.", place="x.py", fix="Do."))

    body = client.get(f"{URL}/{public_id}").get_json()
    assert (body["state"], body["reason"], body["where"], body["fix"]) == ("rejected", "Why.", "x.py", "Do.")


def test_the_same_idempotency_key_finds_the_same_submission(client: FlaskClient, form: Form) -> None:
    headers = {"Idempotency-Key": "k"}
    first = client.post(URL, data=form(), headers=headers).get_json()["id"]

    assert client.post(URL, data=form(), headers=headers).get_json()["id"] == first
    other = client.post(URL, data=form(b"x = 2", "solution.py"), headers=headers)
    assert "Idempotency-Key" in problem(other, 422)["detail"]


def test_the_rubrics_are_listed(client: FlaskClient) -> None:
    (rubric,) = client.get("/api/v1/rubrics").get_json()

    assert rubric["id"] == "addition"
    assert rubric["max_points"] == 10.0
    assert rubric["requires"] == ["solution.py"]


def test_a_refused_upload_says_where_and_how_to_mend_it(client: FlaskClient, form: Form) -> None:
    body = problem(client.post(URL, data=form(b"x = 1", "other.py")), 422)

    assert "solution.py" in body["detail"]
    assert "solution.py" in body["fix"]
    assert body["where"] == "other.py"


def test_a_loopback_address_is_refused(client: FlaskClient) -> None:
    body = problem(client.post(URL, json={"rubric": "addition", "git_url": "https://127.0.0.1/a/b"}), 422)

    assert body["fix"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": []}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"json": {"rubric": "addition", "url": "x"}}, 422),
        ({"json": {"rubric": "addition", "git_url": 5}}, 422),
        ({"json": {"rubric": "nope", "git_url": "https://example.org/a/b"}}, 422),
        ({"json": {"rubric": "addition"}}, 422),
        ({"data": "hello", "content_type": "text/plain"}, 415),
        ({"data": b"PK", "content_type": "application/zip"}, 415),
        ({"json": {"rubric": "x" * 100_000}}, 413),
        ({"data": b"0" * 3_000_000, "content_type": "multipart/form-data; boundary=b"}, 413),
        ({"data": {f"f{n}": "x" for n in range(50)} | {"file": (io.BytesIO(b""), "a")}}, 413),
        ({"data": {"rubric": "x" * 500_000, "file": (io.BytesIO(b""), "a")}}, 413),
        ({"data": {"rubric": "addition"}, "headers": {"Idempotency-Key": "k" * 300}}, 422),
    ],
)
def test_bad_requests_get_the_right_status(client: FlaskClient, sent: dict[str, Any], status: int) -> None:
    problem(client.post(URL, **sent), status)


@pytest.mark.parametrize("path", [f"{URL}/{'0' * 32}", "/api/v1/nothing", f"{URL}/%00", f"{URL}/../etc"])
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404)


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.delete(URL)

    problem(response, 405)
    assert "POST" in response.headers["Allow"]


def test_too_many_submissions_are_told_to_wait(app: Flask, client: FlaskClient, form: Form) -> None:
    app.config["SUBMISSIONS_PER_MINUTE"] = 2
    assert [client.post(URL, data=form()).status_code for _ in range(2)] == [202, 202]

    response = client.post(URL, data=form())
    problem(response, 429)
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    page = client.post("/submissions", data=form())
    assert page.status_code == 429
    assert page.content_type.startswith("text/html")


def test_a_bug_is_told_without_its_details(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("grader.web.student.status_of", broken)

    assert "hunter2" not in str(problem(client.get(f"{URL}/{'0' * 32}"), 500))
    assert "hunter2" not in client.get(f"/submissions/{'0' * 32}").text


def test_health_is_asked_of_the_database_and_the_queue(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.get_json() == {"database": True, "queue": True}
