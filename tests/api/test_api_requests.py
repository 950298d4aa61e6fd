"""How requests are read and what every answer has: strictness, problems, pages, rates, tags."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse
from world import Call, World

from grader import queue
from grader.db import audit, people
from grader.web.services import services


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    """The problem document; it must be one."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body = response.get_json(force=True)
    assert body["status"] == status
    assert body["title"]
    return dict(body)


DEEP = b'{"title": ' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b'{"penalty": NaN}', "application/json", 400),
        (b'{"penalty": Infinity}', "application/json", 400),
        (b'{"penalty": 1e999}', "application/json", 400),
        (b'{"penalty": -1e999}', "application/json", 400),
        (b'{"title": "a", "title": "b"}', "application/json", 400),
        (DEEP, "application/json", 400),
        (DEEP.replace(b"[", b'{"a":').replace(b"]", b"}"), "application/json", 400),
        (b'{"grace_days": ' + b"9" * 5000 + b"}", "application/json", 400),
        ('{"title": "é"}'.encode("latin-1"), "application/json", 400),
        (b'{"title": "a"}', "application/json; charset=utf-16", 400),
        ('{"title": "a"}'.encode("utf-16"), "application/json", 400),
        (b'\xef\xbb\xbf{"title": "a"}', "application/json", 400),
        (rb'{"title": "\ud800"}', "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"{'title': 'a'}", "application/json", 400),
        (b'{"title": "a"}', "text/plain", 415),
        (b'{"title": "a"}', "", 415),
        (b'{"title": "' + b"a" * 300_000 + b'"}', "application/json", 413),
        (b'{"title": "a\\u0000b"}', "application/json", 422),
        (b'{"title": 5}', "application/json", 422),
        (b'{"grace_days": "5"}', "application/json", 422),
        (b'{"grace_days": true}', "application/json", 422),
        (b'{"grace_days": 5.5}', "application/json", 422),
        (b'{"due_at": "2027-01-01T00:00:00"}', "application/json", 422),
        (b'{"due_at": "0001-01-01T00:00:00+14:00"}', "application/json", 422),
        (b'{"due_at": "9999-12-31T23:59:59-14:00"}', "application/json", 422),
        (b'{"counts": "most"}', "application/json", 422),
        (b'{"id": "x", "points": 100, "role": "admin"}', "application/json", 422),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(call: Call, world: World, raw: bytes, kind: str, status: int) -> None:
    """W18 and W2. Nothing of it is done."""
    path = f"/assignments/{world.ids['assignment_id']}"
    before = call("teacher", "GET", path).get_json()
    problem(call("teacher", "PATCH", path, data=raw, content_type=kind), status)
    assert call("teacher", "GET", path).get_json() == before


def test_every_wrong_field_is_named(call: Call, world: World) -> None:
    sent = {"why": "", "due_at": "soon", "score": 100}
    path = f"/assignments/{world.ids['assignment_id']}/extensions/{world.ids['person_id']}"
    body = problem(call("teacher", "PUT", path, json=sent), 422)
    assert {one["where"] for one in body["errors"]} == {"why", "due_at", "score"}
    assert "score: is not a field of this request" in body["detail"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=1e3", "limit=5&limit=6", "sort=score;DROP", "offset=5", "after=%00", "late=maybe"],
)
def test_parameters_are_read_strictly(call: Call, world: World, query: str) -> None:
    problem(call("teacher", "GET", f"/assignments/{world.ids['assignment_id']}/submissions?{query}"), 422)


@pytest.mark.parametrize("after", ["AAAA", "W10", "WzFd", "WyJhIiwiYiJd", "WzFlOTk5XQ", "WyJcdTAwMDAiXQ", "W3RydWVd"])
def test_a_cursor_of_somebody_else_is_refused(call: Call, world: World, after: str) -> None:
    body = problem(call("admin", "GET", f"/people?after={after}"), 422)
    assert body["where"] == "after"


def test_an_operation_without_a_body_takes_none(call: Call, world: World) -> None:
    problem(call("teacher", "POST", f"/webhooks/{world.ids['webhook_id']}/test", json={"url": "x"}), 400)


def test_lists_come_in_pages_that_lose_nobody(call: Call, app: Flask) -> None:
    with services(app).database.write() as session:
        for number in range(7):
            people.add(session, email=f"page{number}@example.org", name="P", role="student")
    whole = [one["id"] for one in call("admin", "GET", "/people?limit=100").get_json()["items"]]
    seen, address = [], "/people?limit=3"
    while address:
        response = call("admin", "GET", address)
        body = response.get_json()
        assert len(body["items"]) <= 3
        seen += [one["id"] for one in body["items"]]
        address = (body["next"] or "").removeprefix("/api/v1")
        if body["next"]:
            assert response.headers["Link"] == f'<{body["next"]}>; rel="next"'
        else:
            assert "Link" not in response.headers
    assert seen == whole
    assert len(set(seen)) == len(whole) > 7


def test_the_log_is_read_page_by_page_while_it_grows(call: Call, app: Flask, world: World) -> None:
    first = call("admin", "GET", "/audit?limit=2").get_json()
    with services(app).database.write() as session:
        audit.note(session, "course.noted", "course:x", by=None, course_id=None)
    second = call("admin", "GET", first["next"].removeprefix("/api/v1")).get_json()
    numbers = [one["id"] for one in first["items"] + second["items"]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert [one["action"] for one in call("admin", "GET", "/audit?action=course.noted").get_json()["items"]] == [
        "course.noted"
    ]


def test_an_answer_that_has_not_changed_is_304(call: Call, world: World) -> None:
    path = f"/courses/{world.ids['course_id']}"
    first = call("student", "GET", path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first.vary)
    again = call("student", "GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert call("teacher", "PATCH", path, json={"code": True}).status_code == 200
    assert call("teacher", "GET", path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_rate_is_told_and_kept(call: Call, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "tally", lambda *_: (1_000_000 - 3, 42))
    response = call("student", "GET", "/me")
    assert response.headers["RateLimit-Policy"] == '"person";q=1000000;w=60'
    assert response.headers["RateLimit"] == '"person";r=3;t=42'
    monkeypatch.setattr(queue, "tally", lambda *_: (1_000_001, 42))
    response = call("student", "GET", "/me")
    problem(response, 429)
    assert response.headers["Retry-After"] == "42"


def test_each_person_has_a_rate_of_their_own(call: Call) -> None:
    def left(who: str) -> int:
        return int(call(who, "GET", "/me").headers["RateLimit"].split(";")[1].removeprefix("r="))

    first = left("mate")
    left("student")
    assert left("mate") == first - 1


def test_a_session_reads_and_does_not_write(app: Flask, world: World) -> None:
    import flask

    from grader.web import sessions

    client = app.test_client()
    with app.test_request_context():
        sessions.begin(world.people["teacher"])
        values = dict(flask.session)
    with client.session_transaction() as session:
        session.update(values)
    path = f"/api/v1/courses/{world.ids['course_id']}"
    assert client.get(path).status_code == 200
    assert client.get("/api/v1/me").get_json()["scopes"] is None
    assert "token" in problem(client.patch(path, json={"code": True}), 401)["detail"].lower()


def test_a_revoked_token_is_worth_nothing(call: Call, app: Flask, world: World) -> None:
    from grader.db import tokens

    with services(app).database.write() as session:
        token, secret = tokens.add(session, world.people["mate"], name="brief", scopes=("read",), days=30)
    headers = {"Authorization": f"Bearer {secret}"}
    assert call(None, "GET", "/me", headers=headers).get_json()["scopes"] == ["read"]
    assert call("student", "DELETE", f"/tokens/{token.id}").status_code == 404
    assert call("mate", "DELETE", f"/tokens/{token.id}").status_code == 204
    problem(call(None, "GET", "/me", headers=headers), 401)


@pytest.mark.parametrize("path", ["/nothing", "/submissions/../people", "/courses/%00", "/courses/1 OR 1=1"])
def test_what_is_not_there_is_404(call: Call, path: str) -> None:
    problem(call("student", "GET", path), 404)


def test_a_wrong_method_names_the_right_ones(call: Call) -> None:
    response = call("student", "DELETE", "/submissions")
    problem(response, 405)
    assert "POST" in response.headers["Allow"]


def test_a_bug_is_told_without_its_details(
    call: Call, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("grader.db.tokens.living", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert "hunter2" not in str(problem(call("student", "GET", "/tokens"), 500))


def test_health_is_asked_of_the_database_and_the_queue(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"database": True, "queue": True}


def test_a_file_of_many_fields_is_too_large(call: Call) -> None:
    fields = {f"f{n}": "x" for n in range(50)} | {"file": (io.BytesIO(b""), "a")}
    problem(call("student", "POST", "/submissions", data=fields), 413)


def test_the_document_is_json_that_everybody_can_read(call: Call) -> None:
    response = call(None, "GET", "/openapi.json")
    assert json.loads(response.text)["openapi"] == "3.1.0"
