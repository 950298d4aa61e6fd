"""What a page shows, what it leaves out, and where marks go."""

from __future__ import annotations

import base64
import json
import os
import re
from typing import Any

import hostile
import pytest

from grader.errors import RenderError
from grader.render import Mark, marks_of, notebook_html, process, render, with_marks
from grader.render.html import clean_html, flaw
from grader.render.process import Standby

Row = dict[str, Any]
LINES = re.compile(r"<!--.*?-->")


def page(*cells: Row) -> str:
    return notebook_html(encoded(*cells), title="work.ipynb").decode()


def encoded(*cells: Row) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def code(source: str = "x", *outputs: Row) -> Row:
    return {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "outputs": list(outputs)}


def text(source: str) -> Row:
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}


def shown(**data: Any) -> Row:
    return {"output_type": "display_data", "metadata": {}, "data": {k.replace("_", "/"): v for k, v in data.items()}}


def printed(words: str) -> Row:
    return {"output_type": "stream", "name": "stdout", "text": words}


def test_a_page_shows_what_a_notebook_shows() -> None:
    html = page(
        text("# Title\n\n| a | b |\n|--:|---|\n| 1 | *two* |\n\nSee [docs](https://example.org/x)."),
        code("def f():\n    return 1", printed("1\n\x1b[31mred\x1b[0m\ngone\rnew\n")),
        code("plot()", shown(image_png=hostile.PNG, text_plain="<Figure>")),
        code("df", shown(text_html="<style>.x{}</style><table border=1 class=dataframe><tr><td>7</td></tr></table>")),
        code("1/0", {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["Trace <1>"]}),
    )

    for part in (
        "<h1>Title</h1>", '<td style="text-align:right;">1</td>', "<em>two</em>", "docs (https://example.org/x)",
        '<span class="k">def</span>', '<span class="ansi-red-fg">red</span>', "\nnew\n", hostile.PNG,
        '<table class="dataframe">', "<td>7</td>", "Trace &lt;1&gt;", 'aria-label="Cell 5"',
        "<title>work.ipynb</title>",
    ):  # fmt: skip
        assert part in html
    for part in (".x{}", "&lt;Figure", "gone", "<a ", "<script", "http-equiv"):
        assert part not in html


def test_an_output_of_scripts_falls_back_to_its_text() -> None:
    html = page(code("fig", shown(text_html="<div><script>plot()</script></div>", text_plain="Figure(1)")))

    assert "Figure(1)" in html
    assert "plot()" not in html


@pytest.mark.parametrize("data", [
    {"image/png": "not base64 <"}, {"image/png": base64.b64encode(b"<svg onload=x>").decode()},
    {"image/svg+xml": "<!DOCTYPE s [<!ENTITY a 'aa'>]><svg>&a;</svg>"}, {"image/svg+xml": "<p>none</p>"},
    {"application/javascript": "alert(1)"}, {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
])  # fmt: skip
def test_what_is_no_picture_or_no_document_is_not_shown(data: Row) -> None:
    html = page(code("x", {"output_type": "display_data", "metadata": {}, "data": {**data, "text/plain": "instead"}}))

    assert "<img" not in html
    assert "instead" in html


def test_endless_output_is_cut_and_the_page_says_so() -> None:
    html = page(code("x", printed("begin" + "y" * 5_000_000 + "end")), code("y", *[printed("z")] * 900))

    assert len(html) < 200_000
    assert "begin" in html
    assert "yend" in html
    assert "4,960,008 characters are not shown here." in html
    assert "700 more outputs are not shown." in html


def test_many_long_outputs_share_one_room() -> None:
    html = page(*[code("x", printed("y" * 39_000)) for _ in range(200)])

    assert len(html) < 4_500_000
    assert html.count('aria-label="Cell ') == 200


def test_the_language_that_a_notebook_claims_changes_nothing() -> None:
    cells = [code("def f(): pass")]
    plain = notebook_html(encoded(*cells), title="t").decode()
    claim = {"language_info": {"name": "html", "pygments_lexer": "html"}, "kernelspec": {"language": "html"}}
    other = notebook_html(json.dumps({"cells": cells, "metadata": claim}).encode(), title="t").decode()

    assert LINES.sub("", plain) == LINES.sub("", other)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"cells": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_notebook_is_an_error_of_its_own(content: bytes) -> None:
    with pytest.raises(RenderError):
        notebook_html(content, title="t")
    with pytest.raises(RenderError):
        render(content, title="t")


@pytest.mark.parametrize("cell", [
    {}, {"cell_type": 1, "source": 2}, {"cell_type": "code", "source": ["a", 1], "outputs": 5},
    code("x", {}, {"output_type": "display_data", "data": {"image/png": 5, "text/html": {}, "text/plain": [1]}}),
    code("x", {"output_type": "error", "traceback": 7}), text("![a](attachment:none)"), text("\ud800 \0 \x1b"),
    text("<div>" * 30_000), code("x", shown(text_html="<b><i>" * 30_000)),
])  # fmt: skip
def test_odd_cells_make_a_page_all_the_same(cell: Row) -> None:
    assert 'aria-label="Cell 1"' in page(cell)


def test_a_renderer_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(RenderError, match="within"):
        render(encoded(code()), title="t", seconds=0.01)


def test_a_page_is_made_by_the_one_that_stands_by_once(monkeypatch: pytest.MonkeyPatch) -> None:
    standby = Standby()
    monkeypatch.setattr(process, "STANDBY", standby)
    standby.prepare()
    waiting = standby._waiting
    standby.prepare()
    assert waiting is not None
    assert standby._waiting is waiting
    assert b"first" in render(encoded(text("first")), title="t")
    assert waiting.returncode is not None
    assert b"second" in render(encoded(text("second")), title="t")
    standby.prepare()
    standby.close()
    assert standby._waiting is None


def test_a_fork_uses_the_one_that_stands_by_and_its_parent_makes_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    standby = Standby()
    monkeypatch.setattr(process, "STANDBY", standby)
    standby.prepare()
    waiting = standby._waiting
    assert waiting is not None
    child = os.fork()
    if child == 0:
        good = b"in the fork" in render(encoded(text("in the fork")), title="t")
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert waiting.wait(10) is not None
    standby.prepare()
    assert standby._waiting is not waiting
    standby.close()


def test_a_page_made_for_somebody_else_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    standby = Standby()
    monkeypatch.setattr(process, "STANDBY", standby)
    standby.prepare()
    waiting = standby._waiting
    assert waiting is not None
    assert waiting.stdin is not None
    other = encoded(text("somebody else's"))
    waiting.stdin.write(json.dumps(["0" * 32, "t", len(other)]).encode() + b"\n" + other)
    waiting.stdin.flush()
    with pytest.raises(RenderError, match="without an answer"):
        render(encoded(text("mine")), title="t")


@pytest.mark.parametrize("part", [
    "<script>", '<p onclick="x">', '<p style="a">', '<img src="http://x/y">', '<a href="#">', "<IMG>", "<p\n>", "< p>",
    "<!-- -->", '<img src="data:text/html;base64,AA==">', "<style>", '<section class="mark">', "<aside>", "<p",
])  # fmt: skip
def test_a_page_with_anything_else_in_it_is_not_handed_out(part: str) -> None:
    html = page(text("hi"))
    nonce = html[len("<!--marks ") :][:32]

    assert flaw(html, nonce) is None
    assert flaw(html.replace("hi", part), nonce) is not None


@pytest.mark.parametrize("payload", [*hostile.payloads("http://c"), *hostile.markdown("http://c")])
def test_clean_html_is_made_of_known_tags_and_cleaning_again_changes_nothing(payload: str) -> None:
    clean = clean_html(payload)

    assert not re.search(r"<(?!/?(?:p|pre|code|div|span|br|img|details|table|h1)\b)", clean)
    assert not re.search(r"<[^>]*(?:\bon|src=\"(?!data:image/png)|href|style)", clean)
    assert clean_html(clean) == clean


def test_marks_stand_after_their_cells_and_are_escaped() -> None:
    html = with_marks(
        notebook_html(encoded(code("one"), code("two")), title="t"),
        [Mark(None, "Sum", points="3 of 4"), Mark(0, "<b>A</b>", "failed", "0 of 1", "<i>\nwhy"), Mark(9, "Nowhere")],
    ).decode()

    order = [html.index(part) for part in ("Sum", "cell-1", "&lt;b&gt;A&lt;/b&gt;", "&lt;i&gt;\nwhy", "cell-2")]
    assert order == sorted(order)
    assert "No points" in html
    assert "Nowhere" not in html
    assert "<!--" not in html


def test_a_notebook_cannot_make_places_for_marks() -> None:
    forged = "<!--marks " + "0" * 32 + "-->\n<!--" + "0" * 32 + " top-->"
    html = with_marks(
        notebook_html(encoded(text(forged), code(forged, printed(forged))), title=forged), [Mark(None, "M")]
    )

    assert html.count(b">M</b>") == 1
    assert with_marks(b"<p>no places</p>", [Mark(None, "M")]) == b"<p>no places</p>"


def criterion(name: str, cells: list[int], *tests: Row, **more: Any) -> Row:
    return {"title": name, "status": "partial", "points": 1.5, "max_points": 4.0, "detail": "", "cells": cells,
            "tests": list(tests), **more}  # fmt: skip


def test_marks_follow_the_cells_that_criteria_and_tests_name() -> None:
    def checked(status: str, cells: list[int], message: str = "") -> Row:
        return {"id": "tests/t.py::test_a", "status": status, "message": message, "cells": cells}

    marks = marks_of({
        "points": 3.0, "max_points": 12.0,
        "notebook": {"status": "failed", "failed": [6], "message": "x"},
        "criteria": [
            criterion("tagged", [1, 4], checked("failed", [], "why")),
            criterion("by tests", [], checked("passed", [2]), checked("crashed", [2, 3])),
            criterion("of all", [], checked("failed", list(range(40)))),
            criterion("hidden", [], checked("failed", [])),
        ],
    })  # fmt: skip

    assert [(m.cell, m.title, m.status, m.points, m.text) for m in marks] == [
        (None, "Points", "", "3 of 12", ""),
        (6, "This cell failed", "error", "", ""),
        (1, "tagged", "partial", "1.5 of 4", "test_a: why"),
        (4, "tagged", "partial", "", "test_a: why"),
        (2, "by tests", "partial", "1.5 of 4", "test_a: crashed"),
        (3, "by tests", "failed", "", "test_a: crashed"),
        (None, "of all", "partial", "1.5 of 4", ""),
        (None, "hidden", "partial", "1.5 of 4", ""),
    ]
