"""Words and numbers for templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

STATES = {
    "received": "Waiting",
    "queued": "Waiting",
    "running": "Being graded",
    "graded": "Graded",
    "rejected": "Not graded",
    "failed": "Failed on our side",
}
STAGES = {
    "intake": "Reading your files",
    "starting": "Starting a sandbox",
    "collecting": "Collecting the tests",
    "testing": "Running the tests",
    "scoring": "Adding up the points",
    "done": "Writing the report",
    "waiting": "Waiting for another try",
    "finished": "Finished",
}
CRITERIA = {
    "passed": "All points",
    "partial": "Some points",
    "failed": "No points",
    "pending": "Marked by a person later",
}
TESTS = {
    "passed": "Passed",
    "failed": "Failed",
    "timeout": "Took too long",
    "crashed": "Crashed",
    "out_of_memory": "Out of memory",
    "not_run": "Did not run",
}

NONE = "\N{EN DASH}"

# A brief is the teacher's, but HTML in it would still be one more way in: only Markdown, no raw HTML, no pictures.
_markdown = MarkdownIt("js-default").disable("image")


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        time=time,
        size=size,
        markdown=markdown,
        test_name=test_name,
        short=short,
        to_win=to_win,
        cells=cells,
        plain=plain,
    )
    app.jinja_env.globals.update(STATES=STATES, STAGES=STAGES, CRITERIA=CRITERIA, TESTS=TESTS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def number(value: float | None) -> str:
    """Points without needless zeros: 60, 12.5, 33.33."""
    return NONE if value is None else f"{round(value, 2):.2f}".rstrip("0").rstrip(".")


def time(value: datetime) -> Markup:
    """A moment, in UTC; the page's script turns it into the reader's own time."""
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), value.strftime("%d %b %Y, %H:%M UTC"))


def size(value: int | None) -> str:
    if value is None:
        return ""
    for unit in ("B", "KiB", "MiB"):
        if value < 1024 or unit == "MiB":
            break
        value /= 1024  # type: ignore[assignment]
    return f"{value:.3g} {unit}"


def markdown(text: str) -> Markup:
    return Markup(_markdown.render(text))  # noqa: S704 - `_markdown` lets no HTML through


def test_name(test_id: str) -> str:
    """`tests/test_a.py::TestX::test_y[1]` as `TestX::test_y[1]`: the student knows no files of the suite."""
    return test_id.partition("::")[2] or test_id


test_name.__test__ = False  # type: ignore[attr-defined]


def short(digest: str | None) -> str:
    return digest.removeprefix("sha256:")[:12] if digest else NONE


def cells(places: Sequence[int]) -> str:
    """Places from 0 as a reader counts them: `cell 5`, `cells 5, 6 and 9`; many of them only as how many."""
    if len(places) > 8:
        return f"{len(places)} cells"
    *most, last = [str(place + 1) for place in sorted(places)]
    return f"cells {', '.join(most)} and {last}" if most else f"cell {last}"


def plain(text: str) -> str:
    """Without a terminal's colours, which tracebacks have."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def to_win(criterion: Mapping[str, Any]) -> float:
    """Points that a better submission could still get here."""
    return max(0.0, float(criterion["max_points"]) - float(criterion["points"]))
