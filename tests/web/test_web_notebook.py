"""The executed notebook on the result page, in its frame, alone and as a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import hostile
import pytest
from browser import Canary, canary, find_chromium, website
from conftest import School
from flask import Flask
from flask.testing import FlaskClient
from handing_in import hand_in

from grader.db import Database, queries
from grader.db.queries import Outcome
from grader.render import render
from grader.web.services import services

Publish = Callable[..., str]
SANDBOX = {
    "sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "frame-ancestors 'self'",
    "base-uri 'none'", "form-action 'none'",
}  # fmt: skip


@pytest.fixture
def publish(app: Flask, student: FlaskClient, school: School, database: Database) -> Publish:
    """Grades a submission with this report and this executed notebook; returns its address."""

    def make(report: dict[str, Any], executed: bytes | None, **artifacts: bytes) -> str:
        public_id = hand_in(student, school)
        kept = dict(artifacts)
        if executed is not None:
            kept |= {"notebook.ipynb": executed, "notebook.html": render(executed, title="work.ipynb")}
        digests = {name: services(app).blobs.put(content) for name, content in kept.items()}
        with database.write() as session:
            assert queries.finish(session, f"{public_id}-1", Outcome("graded", report=report, artifacts=digests))
        return f"/submissions/{public_id}"

    return make


@pytest.fixture
def graded(report: dict[str, Any]) -> dict[str, Any]:
    """The report of a notebook whose fifth cell failed; a hidden criterion names cells, too."""
    report["notebook"] = {"path": 'deep/wörk "1".ipynb', "status": "failed", "cells": 6, "failed": [4],
                          "message": "cell 5: NameError: x\n\x1b[31m<b>trace</b>"}  # fmt: skip
    visible, hidden = report["criteria"]
    visible["cells"], visible["tests"][1]["cells"] = [1], [2]
    hidden["cells"], hidden["tests"][0]["cells"] = [3], [3]
    return report


@pytest.fixture
def called() -> Any:
    with canary() as found:
        yield found


def with_session(app: Flask, client: FlaskClient) -> WSGIApplication:
    """The application for a browser that comes without a cookie: each of its requests gets this client's."""
    cookie = client.get_cookie("grader")
    assert cookie is not None

    def signed_in(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "HTTP_COOKIE": f"grader={cookie.value}"}, start_response)

    return signed_in


def hostile_notebook(url: str = "http://127.0.0.1:9") -> bytes:
    return hostile.encoded(hostile.notebook, url)


def test_the_result_page_frames_the_notebook_and_links_to_it(
    student: FlaskClient, publish: Publish, graded: dict[str, Any]
) -> None:
    address = publish(graded, hostile_notebook())
    response = student.get(address)

    frame = re.search(r"<iframe[^>]*>", response.text)
    assert frame is not None
    assert ' sandbox="" ' in frame[0]
    assert f'src="{address}/notebook"' in frame[0]
    assert f'href="{address}/notebook.ipynb"' in response.text
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]


def test_the_result_page_says_where_the_notebook_failed_and_which_cells_count(
    student: FlaskClient, publish: Publish, graded: dict[str, Any]
) -> None:
    page = student.get(publish(graded, hostile_notebook())).text

    assert "Your notebook failed in cell 5." in page
    assert "NameError: x\n&lt;b&gt;trace&lt;/b&gt;" in page
    assert "About cell 2 of your notebook." in page
    assert re.search(r'<span class="soft">cell 3</span>', page)
    assert "cell 4" not in page
    assert page.index('id="stopped"') < page.index('id="criterion-1"')


def test_the_notebook_page_is_locked_up_by_its_own_headers(
    student: FlaskClient, publish: Publish, graded: dict[str, Any]
) -> None:
    response = student.get(publish(graded, hostile_notebook()) + "/notebook")

    assert set(response.headers["Content-Security-Policy"].split("; ")) == SANDBOX
    assert response.headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_marks_are_those_that_the_student_may_see(
    student: FlaskClient, publish: Publish, graded: dict[str, Any]
) -> None:
    page = student.get(publish(graded, hostile_notebook()) + "/notebook").text

    assert "3 != &lt;b&gt;4&lt;/b&gt;" in page
    assert page.index("Adds more") < page.index('id="cell-1"')
    assert "0 of 4" in page
    assert "secret" not in page
    between = page[page.index('id="cell-4"') : page.index('id="cell-5"')]
    assert "<aside" not in between


def test_the_file_is_an_attachment(student: FlaskClient, publish: Publish, graded: dict[str, Any]) -> None:
    content = hostile_notebook()
    response = student.get(publish(graded, content) + "/notebook.ipynb")

    assert response.data == content
    assert response.headers["Content-Type"] == "application/x-ipynb+json"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "deep" not in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_submission_without_a_notebook_shows_none(
    student: FlaskClient, publish: Publish, report: dict[str, Any]
) -> None:
    address = publish(report, None)

    assert "iframe" not in student.get(address).text
    assert "otebook" not in student.get(address).text
    assert student.get(f"{address}/notebook").status_code == 404
    assert student.get(f"{address}/notebook.ipynb").status_code == 404
    assert student.get("/submissions/none/notebook").status_code == 404


def test_a_notebook_that_has_no_page_can_still_be_had(
    student: FlaskClient, publish: Publish, graded: dict[str, Any]
) -> None:
    address = publish(graded, None, **{"notebook.ipynb": b"{}"})
    page = student.get(address).text

    assert "iframe" not in page
    assert f'href="{address}/notebook.ipynb"' in page
    assert student.get(f"{address}/notebook").status_code == 404


def test_a_browser_shows_the_frame_and_runs_nothing_in_it(
    app: Flask, student: FlaskClient, publish: Publish, graded: dict[str, Any], called: Canary, tmp_path: Path
) -> None:
    chromium = find_chromium(tmp_path / "profile")
    address = publish(graded, hostile_notebook(called.url))
    asked: list[tuple[str, str | None]] = []

    signed_in = with_session(app, student)

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        asked.append((environ["PATH_INFO"], environ.get("HTTP_SEC_FETCH_DEST")))
        return signed_in(environ, start_response)

    with website(noting) as url:
        framed = chromium.open(url + address)
        alone = chromium.open(f"{url}{address}/notebook")

    assert (f"{address}/notebook", "iframe") in asked
    assert (f"{address}/notebook", "document") in asked
    for words in ("Refused", "Content Security Policy", "blocked"):
        assert words not in framed.log + alone.log
    assert framed.title.startswith("Graded: ")
    assert alone.title == "work.ipynb"
    assert 'id="cell-20"' in alone.dom
    assert "<aside" in alone.dom
    assert called.calls == []


def test_the_headers_alone_would_stop_a_page_that_was_made_wrongly(
    publish: Publish, graded: dict[str, Any], app: Flask, student: FlaskClient, called: Canary, tmp_path: Path
) -> None:
    chromium = find_chromium(tmp_path / "profile")
    raw = "<!doctype html><title>mine</title>" + "".join(
        p for p in hostile.payloads(called.url) if "refresh" not in p and "textarea" not in p
    )
    address = publish(graded, None, **{"notebook.ipynb": b"{}", "notebook.html": raw.encode()})

    with website(with_session(app, student)) as url:
        framed = chromium.open(url + address)
        alone = chromium.open(f"{url}{address}/notebook")

    assert framed.title.startswith("Graded: ")
    assert alone.title == "mine"
    assert called.calls == []
