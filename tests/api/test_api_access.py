"""Who may call what: every operation that names something is called by people who may not see it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from world import Call, World

from grader.web.api.docs import example
from grader.web.api.document import openapi, operations
from grader.web.api.operation import ABOUT

UNKNOWN = "f" * 32
OPEN = {"show_openapi"}


@pytest.fixture(scope="module")
def spec(app: Flask) -> dict[str, Any]:
    with app.test_request_context():
        return openapi()


def address(path: str, ids: dict[str, str]) -> str:
    """A path with its parameters filled in."""
    short = path.removeprefix("/api/v1")
    return re.sub(r"{(\w+)}", lambda match: ids.get(match[1], "candidate.log"), short)


def body(spec: dict[str, Any], described: dict[str, Any], world: World) -> dict[str, Any]:
    """A body that fits, about things of the world."""
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        value = example(spec, content["application/json"]["schema"])
        for key, known in (("suite_id", "suite_id"), ("assignment", "assignment_id")):
            value |= {key: world.ids[known]} if key in value else {}
        return {"json": value}
    return {"data": "name,email\nA,a@example.org\n", "content_type": "text/csv"} if content else {}


def named(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [one for one in operations(spec) if "{" in one[1]]


def test_strangers_get_the_answer_of_an_unknown_id(spec: dict[str, Any], call: Call, world: World) -> None:
    """W1: status and body tell nobody whether there is such a thing."""
    tried = 0
    for method, path, described in named(spec):
        sent = body(spec, described, world)
        for who in ("outsider", "stranger"):
            there = call(who, method, address(path, world.ids), **sent)
            unknown = call(who, method, address(path, dict.fromkeys(world.ids, UNKNOWN)), **sent)
            if described["x-scope"] in ("admin", "talent"):
                assert there.status_code == unknown.status_code == 403, (method, path)
            else:
                assert there.status_code == unknown.status_code == 404, (method, path, there.text, unknown.text)
            assert there.text == unknown.text, (method, path)
            tried += 1
    assert tried >= 70


def test_students_reach_nothing_of_their_teachers(spec: dict[str, Any], call: Call, world: World) -> None:
    """A scope on the token gives no right that its person has not: what a teacher does is 404 to a student."""
    tried = 0
    for method, path, described in named(spec):
        if described["x-scope"] == "teach":
            response = call("student", method, address(path, world.ids), **body(spec, described, world))
            assert response.status_code == 404, (method, path, response.text)
            tried += 1
    assert tried >= 25


def test_a_student_does_not_see_anothers_work(call: Call, world: World) -> None:
    for path in ("", "/events", "/artifacts/notebook.ipynb"):
        there = call("mate", "GET", f"/submissions/{world.ids['submission_id']}{path}")
        unknown = call("mate", "GET", f"/submissions/{UNKNOWN}{path}")
        assert (there.status_code, there.text) == (unknown.status_code, unknown.text) == (404, there.text)
    own = call("student", "GET", f"/assignments/{world.ids['assignment_id']}/grades/{world.people['student'].id}")
    others = call("mate", "GET", f"/assignments/{world.ids['assignment_id']}/grades/{world.people['student'].id}")
    assert own.status_code == 200
    assert others.status_code == 404


def test_logs_are_for_who_teaches(call: Call, world: World) -> None:
    path = f"/submissions/{world.ids['submission_id']}"
    assert call("student", "GET", f"{path}/artifacts/candidate.log").status_code == 404
    assert call("teacher", "GET", f"{path}/artifacts/candidate.log").data == b"log"
    assert "candidate.log" not in call("student", "GET", path).get_json()["links"]["artifacts"]
    assert "secret-7" not in call("student", "GET", path).text


def test_every_operation_needs_a_token_and_its_scope(
    spec: dict[str, Any], app: Flask, call: Call, world: World
) -> None:
    from grader.db import tokens
    from grader.web.services import services

    with services(app).database.write() as session:
        pairs = {
            scope: tokens.add(session, world.people["admin"], name=scope, scopes=(scope,), days=30)[1]
            for scope in ("read", "submit")
        }
    for method, path, described in operations(spec):
        if described["operationId"] in OPEN:
            continue
        sent = body(spec, described, world)
        anonymous = call(None, method, address(path, world.ids), **sent)
        assert anonymous.status_code == 401, (method, path)
        assert anonymous.headers["WWW-Authenticate"]
        wrong = "submit" if described["x-scope"] != "submit" else "read"
        headers = {"Authorization": f"Bearer {pairs[wrong]}"}
        assert call(None, method, address(path, world.ids), headers=headers, **sent).status_code == 403, (method, path)


def test_every_view_is_an_operation_of_the_document(app: Flask, spec: dict[str, Any]) -> None:
    documented = {described["operationId"] for _, _, described in operations(spec)}
    rules = {rule.endpoint.removeprefix("api.") for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    assert rules == documented == set(ABOUT)
