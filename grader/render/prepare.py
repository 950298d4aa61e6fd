"""What of a notebook is shown: its cells with the best form of each output, and no more of it than a page can hold."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from grader.render.html import clean_html, shows_something

MAX_CELLS = 2000
MAX_OUTPUTS = 200  # of one cell
MAX_SOURCE, MAX_TEXT, MAX_HTML = 100_000, 40_000, 200_000  # characters of one source, text, table
MAX_PICTURE = 8 * 1024 * 1024
ROOM = {"text": 4_000_000, "html": 2_000_000, "picture": 32 * 1024 * 1024}
"""Characters on one page, all together."""

_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f\ud800-\udfff]")
_TERMINAL = re.compile("\x1b[\\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?")
"""Commands to a terminal: titles, links. What is left of them are colours, which nbconvert knows."""

Row = dict[str, Any]


def prepare(executed: bytes) -> Row:
    """A notebook of nbformat 4.5 whose outputs are one `{"kind", "value"}` each. Raises ValueError when it is none.

    Kinds are `stdout`, `stderr`, `error`, `plain`, `latex` (text), `html` (clean), `markdown`, the pictures
    `image/png`, `image/jpeg` and `image/svg+xml` (base64), and `note`, which is ours.
    """
    try:
        value = json.loads(executed)
    except RecursionError as error:
        raise ValueError("the notebook is nested too deeply") from error
    cells = value.get("cells") if isinstance(value, dict) else None
    if type(cells) is not list:
        raise ValueError("the notebook has no list of cells")
    page = _Page()
    shown = [page.cell(number, cell) for number, cell in enumerate(cells[:MAX_CELLS]) if isinstance(cell, dict)]
    metadata = {"language_info": {"name": "python", "pygments_lexer": "python"}}
    return {"cells": shown, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


class _Page:
    """One notebook, and the room that is left for it."""

    def __init__(self) -> None:
        self._room = dict(ROOM)

    def cell(self, number: int, cell: Row) -> Row:
        kind = cell.get("cell_type")
        kind = kind if kind in ("code", "markdown") else "raw"
        source = _text(cell.get("source"))
        row: Row = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": source[:MAX_SOURCE]}
        notes = [_note("The rest of this cell is not shown: it is too long.")] if len(source) > MAX_SOURCE else []
        if kind == "markdown":
            row["attachments"] = _attachments(cell.get("attachments"))
            return row
        if kind == "raw":
            return row
        outputs = cell.get("outputs")
        outputs = outputs if isinstance(outputs, list) else []
        shown = [row for output in outputs[:MAX_OUTPUTS] if isinstance(output, dict) for row in self._output(output)]
        if len(outputs) > MAX_OUTPUTS:
            notes.append(_note(f"{len(outputs) - MAX_OUTPUTS} more outputs are not shown."))
        return row | {"execution_count": None, "outputs": shown + notes}

    def _output(self, output: Row) -> list[Row]:
        kind = output.get("output_type")
        if kind == "stream":
            return self._written("stderr" if output.get("name") == "stderr" else "stdout", _text(output.get("text")))
        if kind == "error":
            trace = output.get("traceback")
            lines = [_text(line) for line in trace[:MAX_OUTPUTS]] if isinstance(trace, list) else []
            head = f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
            return self._written("error", "\n".join(lines) or head)
        data = output.get("data")
        return self._best(data) if kind in ("display_data", "execute_result") and isinstance(data, dict) else []

    def _best(self, data: Row) -> list[Row]:
        """The richest form that can be shown."""
        return (
            self._html(_text(data.get("text/html")))
            or self._markdown(_text(data.get("text/markdown")))
            or self._picture("image/png", data.get("image/png"))
            or self._picture("image/jpeg", data.get("image/jpeg"))
            or self._drawing(_text(data.get("image/svg+xml")))
            or self._written("plain", _text(data.get("text/plain")))
            or self._written("latex", _text(data.get("text/latex")))
            or self._written("plain", _json(data.get("application/json")))
        )

    def _html(self, html: str) -> list[Row]:
        if not html or len(html) > MAX_HTML or not self._take("html", len(html)):
            return []
        try:
            shown = clean_html(html)
        except RecursionError:
            return []
        return [_row("html", shown)] if shows_something(shown) else []

    def _markdown(self, text: str) -> list[Row]:
        fits = text and len(text) <= MAX_TEXT and self._take("html", len(text))
        return [_row("markdown", text)] if fits else []

    def _picture(self, mime: str, value: Any) -> list[Row]:
        text = "".join(_text(value).split())
        try:
            good = base64.b64decode(text, validate=True).startswith(_MAGIC[mime])
        except (binascii.Error, ValueError):
            return []
        return self._shown(mime, text) if good else []

    def _drawing(self, svg: str) -> list[Row]:
        """As a picture, in which a browser runs no script and loads nothing; without entities that grow."""
        if "<svg" not in svg or "<!entity" in svg.lower():
            return []
        return self._shown("image/svg+xml", base64.b64encode(svg.encode()).decode())

    def _shown(self, mime: str, data: str) -> list[Row]:
        if len(data) > MAX_PICTURE or not self._take("picture", len(data)):
            return [_note("A picture is not shown: it is too large. It is in the notebook file.")]
        return [_row(mime, data)]

    def _written(self, kind: str, text: str) -> list[Row]:
        if not text.strip():
            return []
        keep = min(MAX_TEXT, self._room["text"])
        left_out = len(text) - keep
        if left_out <= 0:
            self._take("text", len(text))
            return [_row(kind, text)]
        self._take("text", keep)
        begin, end = text[: keep // 2], text[len(text) - keep // 2 :] if keep else ""
        note = _note(f"{left_out:,} characters are not shown here. They are in the notebook file.")
        return [_row(kind, begin), note, _row(kind, end)] if keep else [note]

    def _take(self, what: str, size: int) -> bool:
        if size > self._room[what]:
            return False
        self._room[what] -= size
        return True


def _row(kind: str, value: str) -> Row:
    return {"output_type": "display_data", "metadata": {}, "data": {}, "kind": kind, "value": value}


def _note(text: str) -> Row:
    return _row("note", text)


def _text(value: Any) -> str:
    """Text as nbformat gives it, in one piece or in lines, without what only a terminal understands."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    lines = (line.rpartition("\r")[2] for line in value.replace("\r\n", "\n").split("\n"))
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _TERMINAL.sub("", "\n".join(lines)))


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) if value is not None else ""


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """Pictures of a Markdown cell by name."""
    pictures = value.items() if isinstance(value, Mapping) else ()
    return {
        str(name): {mime: "".join(_text(data).split()) for mime, data in bundle.items() if mime in _MAGIC}
        for name, bundle in pictures
        if isinstance(bundle, Mapping) and any(mime in _MAGIC for mime in bundle)
    }
