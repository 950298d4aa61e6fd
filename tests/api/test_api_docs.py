"""The page and the guide: complete, true, and without anything that the policy forbids."""

from __future__ import annotations

import re
import shlex
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grader import webhooks
from grader.db.webhooks import BACKOFF
from grader.web.api.docs import example
from grader.web.api.document import openapi, operations
from grader.web.api.operation import ABOUT

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def spec(app: Flask) -> dict[str, Any]:
    with app.test_request_context():
        return openapi()


@pytest.fixture(scope="module")
def page(app: Flask) -> str:
    response = app.test_client().get("/api/docs")
    assert response.status_code == 200
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    return response.text


def test_every_operation_and_object_is_on_the_page(page: str, spec: dict[str, Any]) -> None:
    for method, path, described in operations(spec):
        assert f'id="{described["operationId"]}"' in page
        assert path in page
        assert described["summary"]
        assert not described["summary"].endswith(".")
        assert method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    links = set(re.findall(r'href="#(\w+)"', page))
    assert links <= set(re.findall(r'id="(\w+)"', page))


def test_the_page_needs_no_script_and_no_inline_style(page: str) -> None:
    class Look(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            assert "style" not in given
            assert not [name for name in given if name.startswith("on")]
            if tag == "script":
                assert (given.get("src") or "").startswith("/static/")

    Look().feed(page)


def test_every_example_body_is_one_that_is_taken(spec: dict[str, Any]) -> None:
    tried = 0
    for _, _, described in operations(spec):
        content = described.get("requestBody", {}).get("content", {})
        model = ABOUT[described["operationId"]].body
        if "application/json" in content and model is not None:
            import json

            model.model_validate_json(json.dumps(example(spec, content["application/json"]["schema"])))
            tried += 1
    assert tried >= 10


def test_every_example_is_a_command(page: str) -> None:
    import html

    commands = [html.unescape(found) for found in re.findall(r"<code>(curl.*?)</code>", page, re.DOTALL)]
    assert len(commands) == len(ABOUT)
    for command in commands:
        words = shlex.split(command.replace("\\\n", " "))
        assert words[0] == "curl"
        assert not re.search(r"[{}<>]", next(word for word in words if word.startswith("http")))


def test_the_guide_checks_signatures_as_they_are_made() -> None:
    scope: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)[0], scope)
    check, body, now = scope["is_from_grader"], b'{"event": "graded"}', int(time.time())
    header = webhooks.signature("secret", body, now)
    assert check(body, header, "secret")
    assert not check(body + b" ", header, "secret")
    assert not check(body, header, "other")
    assert not check(body, webhooks.signature("secret", body, now - webhooks.TOLERANCE - 1), "secret")
    assert not check(body, header.replace(f"t={now}", f"t={now + 1}"), "secret")
    for nonsense in ("", "v1=1", "t=x,v1=y", "t=1"):
        assert not check(body, nonsense, "secret")


def test_the_guide_tells_the_waits() -> None:
    words = "30 seconds, 2 and 10 minutes, 1\nand 6 hours"
    assert words in GUIDE
    assert [wait.total_seconds() for wait in BACKOFF[:-1]] == [30, 120, 600, 3600, 21600]
    assert f"tolerance: int = {webhooks.TOLERANCE}" in GUIDE
