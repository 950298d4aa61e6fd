"""The executed notebook as a test sees it: `submission.notebook`.

    def test_mean(submission):
        notebook = submission.notebook
        assert_close(notebook["mean"], 4.5)                 # a variable: data by value, objects as remote handles
        assert notebook["predict"]([1, 2]) == [2, 4]        # a function runs where the notebook ran
        assert notebook.by_tag("plot")[0].figures           # PNG bytes

Sources, tags and Markdown are the submission's own, as intake read them. What the cells show is the candidate's claim.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_FIGURE = 16 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_SIMPLE = ("stream", "display_data", "execute_result", "error")


class NotebookError(AssertionError):
    """Raised in a test that asks for what the notebook has not: it stopped earlier, or never defines it."""


@dataclass(frozen=True)
class Output:
    """One output of a cell. `kind` is nbformat's `output_type`; `data` maps MIME types to text, pictures to base64."""

    kind: str
    data: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """`stdout` or `stderr` of a stream, the class of an error."""

    @property
    def text(self) -> str:
        """What is printed or shown as plain text; an error's message."""
        return self.data.get("text/plain", "")


@dataclass(frozen=True)
class Cell:
    """One cell. `index` counts from 0; `type` is `code`, `markdown` or `raw`."""

    index: int
    type: str
    source: str
    tags: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    failed: bool = False
    executed: bool = False

    @property
    def text(self) -> str:
        """Everything the cell printed or showed as plain text, error messages left out."""
        return "".join(o.text for o in self.outputs if o.kind != "error")

    @property
    def stdout(self) -> str:
        return "".join(o.text for o in self.outputs if o.kind == "stream" and o.name == "stdout")

    @property
    def error(self) -> str:
        """`NameError: …` of the exception that ended the cell, or nothing."""
        return next((f"{o.name}: {o.text}" for o in self.outputs if o.kind == "error"), "")

    @property
    def figures(self) -> list[bytes]:
        """The PNG pictures that the cell shows."""
        return [png for o in self.outputs if (png := _png(o.data.get("image/png", "")))]


class Notebook:
    """The notebook after its execution."""

    def __init__(self, link: Any, spec: Mapping[str, Any]) -> None:
        self._link = link
        self._spec = spec
        self.path: str = spec["path"]
        self.status = "failed"
        self.message = "it has not been executed"
        self.failed: tuple[int, ...] = ()
        self._cells = [_cell(n, row) for n, row in enumerate(spec["cells"])]
        self.looked_at: set[int] = set()
        """Places of the cells that the running test has asked about."""

    def read(self, answer: Any) -> dict[str, Any]:
        """Take what the executor said; the same, checked, for the record. What makes no sense counts as a failure."""
        record = _checked(answer, len(self._cells))
        self.status, self.message, self.failed = record["status"], record["message"], tuple(record["failed"])
        rows = zip(self._spec["cells"], record["cells"], strict=True)
        self._cells = [_cell(n, source, row, failed=n in self.failed) for n, (source, row) in enumerate(rows)]
        return record

    @property
    def cells(self) -> list[Cell]:
        self.looked_at.update(range(len(self._cells)))
        return list(self._cells)

    @property
    def outputs(self) -> list[Output]:
        """Everything the notebook shows, in order."""
        return [output for cell in self._cells for output in cell.outputs]

    @property
    def text(self) -> str:
        """Everything the notebook prints or shows as plain text."""
        return "".join(cell.text for cell in self._cells)

    @property
    def figures(self) -> list[bytes]:
        """Every PNG picture that the notebook shows."""
        return [png for cell in self._cells for png in cell.figures]

    @property
    def markdown(self) -> str:
        """The text of the Markdown cells, with an empty line between them."""
        return "\n\n".join(cell.source for cell in self._cells if cell.type == "markdown")

    def by_tag(self, tag: str) -> list[Cell]:
        """The cells with this tag. Raises NotebookError when there is none."""
        __tracebackhide__ = True
        found = [cell for cell in self._cells if tag in cell.tags]
        if not found:
            known = ", ".join(sorted({t for cell in self._cells for t in cell.tags})) or "none"
            raise NotebookError(f"the notebook has no cell tagged {tag!r} (its tags: {known})")
        self.looked_at.update(cell.index for cell in found)
        return found

    def __getitem__(self, name: str) -> Any:
        """A variable as it is after the last cell. Raises NotebookError when the notebook does not define it."""
        __tracebackhide__ = True
        self.looked_at.update(self._defining(name))
        if name not in self:
            raise NotebookError(f"the notebook does not define {name!r}{self._why()}")
        return self._link.request({"op": "variable", "n": name})

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> list[str]:
        """The names that the notebook defines, without those that begin with an underscore."""
        found = self._link.request({"op": "variables"})
        return [n for n in found if type(n) is str] if type(found) is list else []

    def _why(self) -> str:
        first = self.message.partition("\n")[0]
        return f": it was not executed to its end. {first}" if self.status != "done" else ""

    def _defining(self, name: str) -> list[int]:
        """The last cell that seems to bind `name`: for showing a mark beside it, so a guess will do."""
        word = re.escape(name)
        binds = re.compile(
            rf"(?m)^\s*(?:async\s+)?(?:def|class)\s+{word}\b|^[^\n=#(]*\b{word}\b[^\n=(]*=(?!=)|\bas\s+{word}\b"
        )
        return [c.index for c in self._cells if c.type == "code" and binds.search(c.source)][-1:]


def _cell(index: int, row: Mapping[str, Any], done: Mapping[str, Any] | None = None, *, failed: bool = False) -> Cell:
    outputs = tuple(map(_output, done["outputs"])) if done else ()
    executed = done is not None and done["count"] is not None
    return Cell(index, row["type"], row["source"], tuple(row["tags"]), outputs, failed, executed)


def _output(row: Mapping[str, Any]) -> Output:
    kind = row["output_type"]
    if kind == "stream":
        return Output(kind, {"text/plain": _text(row.get("text"))}, _text(row.get("name")))
    if kind == "error":
        return Output(kind, {"text/plain": _text(row.get("evalue"))}, _text(row.get("ename")))
    data = row.get("data")
    found = data if type(data) is dict else {}
    return Output(kind, {mime: _text(value) for mime, value in found.items()})


def _text(value: Any) -> str:
    if type(value) is list:
        return "".join(part for part in value if type(part) is str)
    return value if type(value) is str else ""


def _png(text: str) -> bytes:
    if not text or len(text) > MAX_FIGURE * 4 // 3 + 4:
        return b""
    try:
        data = base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return b""
    return data if data.startswith(_PNG) else b""


def _checked(answer: Any, cells: int) -> dict[str, Any]:
    """The executor's answer, or a failure when it is not one."""
    try:
        found = json.loads(answer) if type(answer) is bytes else None
    except (ValueError, RecursionError):
        found = None
    if type(found) is not dict or type(found.get("cells")) is not list or len(found["cells"]) != cells:
        return failure("the notebook's execution was cut off", cells)
    status, message, failed = (found.get(name) for name in ("status", "message", "failed"))
    places = [n for n in failed if type(n) is int and 0 <= n < cells] if type(failed) is list else []
    return {
        "status": status if status in ("done", "failed", "timeout") else "failed",
        "message": message if type(message) is str else "",
        "failed": sorted(set(places)),
        "cells": [_checked_cell(row) for row in found["cells"]],
    }


def _checked_cell(row: Any) -> dict[str, Any]:
    count, outputs = (row.get("count"), row.get("outputs")) if type(row) is dict else (None, None)
    kept = [o for o in outputs if type(o) is dict and o.get("output_type") in _SIMPLE] if type(outputs) is list else []
    return {"count": count if type(count) is int else None, "outputs": kept}


def failure(message: str, cells: int) -> dict[str, Any]:
    """The record of a notebook whose execution gave nothing."""
    rows: Sequence[dict[str, Any]] = [{"count": None, "outputs": []} for _ in range(cells)]
    return {"status": "failed", "failed": [], "message": message, "cells": rows}


def check_cells(
    notebook: Notebook,
    tag: str,
    *,
    type: str | None = None,
    output: str | None = None,
    figure: bool = False,
    min_words: int = 0,
) -> None:
    """What a `cells` criterion asks of the cells with a tag. Raises AssertionError with what is not so."""
    __tracebackhide__ = True
    cells = notebook.by_tag(tag)
    for cell in cells:
        where = f"cell {cell.index + 1}"
        assert cell.source.strip(), f"{where} is empty"
        assert type is None or cell.type == type, f"{where} is a {cell.type} cell, expected {type}"
        assert not cell.failed, f"{where} failed: {cell.error}"
        assert cell.executed or cell.type != "code", f"{where} was not executed: {notebook.message}"
    words = sum(len(re.findall(r"[^\W_]+", cell.source)) for cell in cells)
    assert words >= min_words, f"the cells tagged {tag!r} hold {words} words, expected at least {min_words}"
    assert not figure or any(cell.figures for cell in cells), f"no figure is shown by the cells tagged {tag!r}"
    text = "".join(cell.text for cell in cells)
    assert output is None or re.search(output, text), f"what the cells tagged {tag!r} show does not match {output!r}"


__all__ = ["Cell", "Notebook", "NotebookError", "Output", "check_cells", "failure"]
