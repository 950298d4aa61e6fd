"""Handing in over the API: files, addresses, what is refused, what is told, and the command that does it."""

from __future__ import annotations

import copy
import io
import json
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from test_api_requests import problem
from world import Call, World, graded_report

from grader.cli.main import parser
from grader.cli.submit import run
from grader.config import Settings
from grader.db import Database, queries
from grader.db.queries import Outcome
from grader.errors import BadInput, InfrastructureError

URL = "/submissions"


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def form(world: World, data: bytes | None = None, name: str = "work.zip") -> dict[str, Any]:
    """Fields of the form, with a good upload unless told otherwise."""
    content = zipped(solution__py="def add(a, b): return a + b") if data is None else data
    return {"assignment": world.ids["assignment_id"], "file": (io.BytesIO(content), name)}


def test_a_file_is_accepted_and_its_report_appears(call: Call, world: World, database: Database) -> None:
    response = call("student", "POST", URL, data=form(world, name="../../<img>.zip"))

    assert response.status_code == 202, response.text
    body = response.get_json()
    assert body["state"] == "queued"
    assert body["filename"] == "<img>.zip"
    assert body["assignment_id"] == world.ids["assignment_id"]
    assert body["person_id"] == world.people["student"].id
    assert body["place"] >= 1
    assert body["report"] is None
    assert response.headers["Location"] == body["links"]["self"] == f"/api/v1{URL}/{body['id']}"

    with database.write() as session:
        queries.finish(session, f"{body['id']}-1", Outcome("graded", report=graded_report()))
    done = call("student", "GET", f"{URL}/{body['id']}").get_json()
    assert done["state"] == "graded"
    assert done["report"]["points"] == 3.0
    assert done["finished_at"] is not None


def test_a_git_address_is_accepted_as_json(call: Call, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.intake.address.public_addresses", lambda *_, **__: ["192.0.2.1"])
    sent = {"assignment": world.ids["assignment_id"], "git_url": "https://example.org/a/b"}
    response = call("student", "POST", URL, json=sent)

    assert response.status_code == 202
    assert response.get_json()["git_url"] == "https://example.org/a/b"


def test_a_rejection_carries_its_reason_and_fix(call: Call, world: World, database: Database) -> None:
    public_id = call("student", "POST", URL, data=form(world)).get_json()["id"]
    with database.write() as session:
        queries.finish(session, f"{public_id}-1", Outcome("rejected", reason="Why.", place="x.py", fix="Do."))

    body = call("student", "GET", f"{URL}/{public_id}").get_json()
    assert (body["state"], body["reason"], body["where"], body["fix"]) == ("rejected", "Why.", "x.py", "Do.")


def test_the_same_idempotency_key_finds_the_same_submission(call: Call, world: World) -> None:
    headers = {"Idempotency-Key": "k"}
    first = call("student", "POST", URL, data=form(world), headers=headers).get_json()["id"]

    assert call("student", "POST", URL, data=form(world), headers=headers).get_json()["id"] == first
    other = call("student", "POST", URL, data=form(world, zipped(solution__py="x = 2")), headers=headers)
    assert "Idempotency-Key" in problem(other, 422)["detail"]
    mate = call("mate", "POST", URL, data=form(world), headers=headers)
    assert mate.status_code == 202
    assert mate.get_json()["id"] != first, "one person's key is not another's"


def test_a_waiting_submission_can_be_taken_back(call: Call, world: World) -> None:
    public_id = call("student", "POST", URL, data=form(world)).get_json()["id"]
    assert call("outsider", "POST", f"{URL}/{public_id}/cancel").status_code == 404
    cancelled = call("student", "POST", f"{URL}/{public_id}/cancel")
    assert (cancelled.status_code, cancelled.get_json()["state"]) == (200, "cancelled")
    problem(call("student", "POST", f"{URL}/{public_id}/cancel"), 422)


def test_a_refused_upload_says_where_and_how_to_mend_it(call: Call, world: World) -> None:
    body = problem(call("student", "POST", URL, data=form(world, b"x = 1", "other.py")), 422)
    assert "solution.py" in body["detail"]
    assert "solution.py" in body["fix"]
    assert body["where"] == "other.py"


def test_lists_show_students_their_own_and_teachers_all(call: Call, world: World) -> None:
    call("mate", "POST", URL, data=form(world))
    path = f"/assignments/{world.ids['assignment_id']}/submissions"
    own = call("student", "GET", path).get_json()["items"]
    assert own
    assert {one["person_id"] for one in own} == {world.people["student"].id}
    everybody = call("teacher", "GET", f"{path}?limit=100").get_json()["items"]
    assert {one["person_id"] for one in everybody} == {world.people["student"].id, world.people["mate"].id}
    found = call("teacher", "GET", f"{path}?q=mate&state=queued").get_json()["items"]
    assert {one["person_id"] for one in found} == {world.people["mate"].id}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": []}, 400),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"json": {"assignment": "ASSIGNMENT", "url": "x"}}, 422),
        ({"json": {"assignment": "ASSIGNMENT", "git_url": 5}}, 422),
        ({"json": {"assignment": "ASSIGNMENT", "git_url": "https://127.0.0.1/a/b"}}, 422),
        ({"json": {"assignment": "ASSIGNMENT", "git_url": "https://example.org/a/b", "points": 100}}, 422),
        ({"json": {"assignment": "f" * 32, "git_url": "https://example.org/a/b"}}, 404),
        ({"json": {"assignment": "../x", "git_url": "https://example.org/a/b"}}, 422),
        ({"json": {"assignment": "ASSIGNMENT"}}, 422),
        ({"data": "hello", "content_type": "text/plain"}, 415),
        ({"data": b"PK", "content_type": "application/zip"}, 415),
        ({"data": {"assignment": "ASSIGNMENT"}}, 422),
        ({"data": {"assignment": "\0"}}, 404),
        ({"data": {"assignment": "ASSIGNMENT", "state": "graded"}}, 422),
        ({"data": {"assignment": "ASSIGNMENT"}, "headers": {"Idempotency-Key": "k" * 300}}, 422),
    ],
)
def test_bad_requests_get_the_right_status(call: Call, world: World, sent: dict[str, Any], status: int) -> None:
    sent = copy.deepcopy(sent)
    for part in sent.values():
        if isinstance(part, dict) and part.get("assignment") == "ASSIGNMENT":
            part["assignment"] = world.ids["assignment_id"]
    problem(call("student", "POST", URL, **sent), status)


def test_too_many_submissions_are_told_to_wait(call: Call, world: World, app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SUBMISSIONS_PER_MINUTE", 2)
    statuses = [call("mate", "POST", URL, data=form(world)).status_code for _ in range(2)]
    response = call("mate", "POST", URL, data=form(world))
    assert 202 in statuses or 429 in statuses
    problem(response, 429)
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def arguments(world: World, server: str, source: Path | str, *more: str) -> Any:
    return parser().parse_args(["submit", world.ids["assignment_id"], str(source), "--server", server, *more])


@pytest.fixture
def work(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to hand in, and the student's token."""
    folder = tmp_path / "work"
    (folder / ".venv" / "lib").mkdir(parents=True)
    (folder / ".venv" / "lib" / "big.py").write_text("x")
    (folder / "solution.py").write_text("def add(a, b): return a + b")
    monkeypatch.setenv("GRADER_TOKEN", world.tokens["student"])
    return folder


def grade_soon(database: Database, world: World, outcome: Outcome) -> threading.Thread:
    """Plays the worker for the next submission of the student that waits."""

    def play() -> None:
        for _ in range(100):
            with database.write() as session:
                for attempt in queries.open_attempts(session):
                    if attempt.submission.person_id == world.people["student"].id and attempt.regrade_id is None:
                        queries.finish(session, attempt.id, outcome)
                        return
            time.sleep(0.1)

    thread = threading.Thread(target=play)
    thread.start()
    return thread


def cancel_waiting(database: Database) -> None:
    with database.write() as session:
        for attempt in queries.open_attempts(session):
            if attempt.regrade_id is None:
                queries.cancel(session, attempt.id, "for the next test")


def test_the_command_hands_in_waits_and_shows(
    server: str, world: World, work: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    cancel_waiting(database)
    worker = grade_soon(database, world, Outcome("graded", report=graded_report()))
    assert run(arguments(world, server, work, "--wait")) == 0
    worker.join()
    shown = capsys.readouterr()
    assert "3 of 15 points" in shown.out
    assert "1 files" in shown.err, ".venv stays at home"
    assert f"{server}/submissions/" in shown.err


def test_the_command_tells_a_rejection(
    server: str, world: World, work: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    cancel_waiting(database)
    worker = grade_soon(database, world, Outcome("rejected", reason="Too \x1b[31mred.", fix="Paint it."))
    assert run(arguments(world, server, work / "solution.py", "--wait")) == 2
    worker.join()
    shown = capsys.readouterr()
    assert "Paint it." in shown.err
    assert "\x1b[31m" not in shown.err + shown.out


def test_the_command_prints_json_and_nothing_else(
    server: str, world: World, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments(world, server, work, "--json")) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["state"] in ("received", "queued")


@pytest.mark.parametrize(
    ("server", "source", "words"),
    [
        ("http://grader.example.org", "solution.py", "not sent over http"),
        ("ftp://grader.example.org", "solution.py", "no address"),
        ("https://user@grader.example.org", "solution.py", "no address"),
        ("http://127.0.0.1:1", "nothing", "no such file"),
    ],
)
def test_the_command_refuses_what_cannot_work(world: World, work: Path, server: str, source: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        run(arguments(world, server, work / source))


def test_the_command_says_what_the_server_refuses(
    server: str, world: World, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "solution.py").unlink()
    (work / "other.py").write_text("x")
    with pytest.raises(BadInput, match=r"solution\.py"):
        run(arguments(world, server, work))
    monkeypatch.setenv("GRADER_TOKEN", "grd_wrong")
    with pytest.raises(BadInput, match="not valid"):
        run(arguments(world, server, work))


def test_the_command_needs_a_token_and_a_server(
    world: World, work: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(InfrastructureError, match="does not answer"):
        run(arguments(world, "http://127.0.0.1:1", work))
    monkeypatch.delenv("GRADER_TOKEN")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(BadInput, match="no API token"):
        run(arguments(world, "http://127.0.0.1:1", work))
