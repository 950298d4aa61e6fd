"""Marks between the cells. The stored page has places for them, and they are filled in when somebody looks at it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

MANY = 5
"""A test that looked at more cells than this is about the notebook, not about each of them."""
MAX_MESSAGE = 1500

WORDS = {
    "passed": "All points",
    "partial": "Some points",
    "failed": "No points",
    "pending": "Marked by a person later",
    "error": "Error",
}
_FIRST = re.compile(rb"<!--marks ([0-9a-f]{32})-->\n")
_EXECUTION = {"failed": "This cell failed", "timeout": "This cell failed or took too long"}


@dataclass(frozen=True)
class Mark:
    """What is said after cell `cell`, from 0, or above the first one (None).

    `status` is a key of `WORDS`, or empty; `points` and `text` are shown as they are, `text` with its line breaks.
    """

    cell: int | None
    title: str
    status: str = ""
    points: str = ""
    text: str = ""


def first_line(nonce: str) -> str:
    """What a page begins with. `nonce` is 32 hex digits that nothing in the notebook can know."""
    return f"<!--marks {nonce}-->\n"


def with_marks(html: bytes, marks: Sequence[Mark]) -> bytes:
    """The page of `notebook_html` with these marks in their places; a page without places comes back as it is."""
    head = _FIRST.match(html)
    if head is None:
        return html
    texts: dict[bytes, str] = {}
    for mark in marks:
        place = b"top" if mark.cell is None else str(mark.cell).encode()
        texts[place] = texts.get(place, "") + _html(mark)
    places = re.compile(rb"<!--" + head[1] + rb" (top|[0-9]{1,9})-->")
    return places.sub(lambda found: texts.get(found[1], "").encode("utf-8", "replace"), html[head.end() :])


def marks_of(report: Mapping[str, Any]) -> list[Mark]:
    """The marks of a report as `student_view` or `model_dump(mode="json")` gives it.

    A criterion stands after each cell it is about, its points after the first of them; one that is about no cell, as a
    hidden one in a student's view, stands at the top with its title and points.
    """
    marks = [Mark(None, "Points", points=_of(report))]
    marks += _execution(report.get("notebook"))
    for criterion in report["criteria"]:
        cells = sorted({*criterion["cells"], *(cell for test in criterion["tests"] for cell in _looked_at(test))})
        if not cells:
            marks.append(Mark(None, criterion["title"], criterion["status"], _of(criterion)))
        marks += [_mark(criterion, cell, first=cell == cells[0]) for cell in cells]
    return marks


def _execution(notebook: Mapping[str, Any] | None) -> list[Mark]:
    if notebook is None or notebook["status"] == "done":
        return []
    return [Mark(cell, _EXECUTION[notebook["status"]], "error") for cell in notebook["failed"]]


def _looked_at(test: Mapping[str, Any]) -> list[int]:
    return test["cells"] if len(test["cells"]) <= MANY else []


def _mark(criterion: Mapping[str, Any], cell: int, *, first: bool) -> Mark:
    tagged = cell in criterion["cells"]
    tests = [t for t in criterion["tests"] if cell in _looked_at(t) or (tagged and not _looked_at(t))]
    text = [criterion["detail"]] if first and criterion["detail"] else []
    text += [_line(test) for test in tests if test["status"] != "passed"]
    status = criterion["status"] if tagged or not tests else _status(tests)
    return Mark(cell, criterion["title"], status, _of(criterion) if first else "", "\n".join(text))


def _status(tests: Sequence[Mapping[str, Any]]) -> str:
    passed = sum(test["status"] == "passed" for test in tests)
    return "passed" if passed == len(tests) else "partial" if passed else "failed"


def _line(test: Mapping[str, Any]) -> str:
    name = test["id"].partition("::")[2] or test["id"]
    message = test["message"][:MAX_MESSAGE] or str(test["status"]).replace("_", " ")
    return f"{name}: {message}"


def _of(part: Mapping[str, Any]) -> str:
    return f"{_number(part['points'])} of {_number(part['max_points'])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _html(mark: Mark) -> str:
    kind = mark.status if mark.status in WORDS else "plain"
    parts = [f"<b>{escape(mark.title)}</b>"]
    if mark.status:
        parts.append(f'<span class="status">{escape(WORDS.get(mark.status, mark.status))}</span>')
    if mark.points:
        parts.append(f'<span class="points">{escape(mark.points)}</span>')
    text = f'<div class="text">{escape(mark.text)}</div>' if mark.text else ""
    return f'<aside class="mark {kind}" aria-label="Mark"><p>{" ".join(parts)}</p>{text}</aside>\n'
