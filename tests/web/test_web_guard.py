"""Headers, cross-site requests, and what the web may not even know."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from conftest import School
from flask import Flask
from flask.testing import FlaskClient

import grader.web

Form = Callable[..., dict[str, Any]]
STATIC = Path(grader.web.__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"


@pytest.mark.parametrize("path", ["/", "/nothing", "/sign-in", "/api/v1/nothing", "/static/app.css", "/healthz"])
def test_every_answer_forbids_foreign_content_and_framing(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    policy = response.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in response.headers
    response.close()


def test_no_template_has_script_or_style_inline() -> None:
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        assert not re.search(
            r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son(?!ly\b)[a-z]+=|\bjavascript:|\| ?safe\b", text
        ), template


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
])  # fmt: skip
@pytest.mark.parametrize("path", ["/sign-in", "/account/name", "/assignments/{}/submissions", "/api/v1/submissions"])
def test_a_form_sent_by_another_site_is_refused(
    student: FlaskClient, school: School, form: Form, headers: dict[str, str], path: str
) -> None:
    assert student.post(path.format(school.assignment.id), data=form(), headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, {},
])  # fmt: skip
def test_our_own_form_and_programs_are_let_in(student: FlaskClient, headers: dict[str, str]) -> None:
    assert student.post("/account/name", data={"name": "Sam"}, headers=headers).status_code == 303


def test_the_host_header_appears_in_no_page_and_no_redirect(app: Flask, school: School) -> None:
    evil, client = "http://evil.example", app.test_client()
    with client.session_transaction(base_url=evil) as session:
        session.update({"person": school.student.id, "key": school.student.session_key, "id": "0" * 32})
    response = client.post("/account/name", data={"name": "Sam"}, base_url=evil)

    assert response.headers["Location"] == "/account"
    for path in ("/", "/account", f"/courses/{school.course.id}", f"/assignments/{school.assignment.id}"):
        page = client.get(path, base_url=evil, headers={"X-Forwarded-Host": "evil.example"})
        assert page.status_code == 200
        assert "evil" not in page.text


def test_a_page_is_not_kept_by_caches_but_styles_are(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-store"
    with client.get("/static/app.css") as response:
        assert "max-age" in response.headers["Cache-Control"]


def test_vendored_files_are_the_ones_written_down() -> None:
    table = (STATIC / "vendor" / "VENDOR.md").read_text()
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", table, re.MULTILINE)

    assert {path for path, _ in rows} == {"pico/pico.min.css", "htmx/htmx.min.js"}
    for path, digest in rows:
        assert sha256((STATIC / "vendor" / path).read_bytes()).hexdigest() == digest


def test_the_web_knows_neither_docker_nor_the_exam() -> None:
    code = (
        "import sys, grader.web, grader.web.server\n"
        "never = {'docker', 'grader.jobs', 'grader.exam', 'grader.sandbox'}\n"
        "bad = never & {m.split('.')[0] if m[:6] != 'grader' else m for m in sys.modules}\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr == ""
