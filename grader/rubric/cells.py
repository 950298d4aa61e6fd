"""The code cells of notebooks as the linter is given them."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

MAX_CELLS = 2000
_MAX_COMMAND = 500
_MAX_BYTES = 64 * 1024 * 1024
_MAX_GROUPS, _MAX_VALUES = 200_000, 2_000_000  # as intake has them; repositories come with notebooks it never read
_UNENCODABLE = re.compile("[\0\ud800-\udfff]")
_WORDS = re.compile(r"[\w./~-]+(?:[ \t]+[\w./~-]+)*")
_MAGIC_LINE = re.compile(r"(?m)^[ \t]*[%!?].*$")
_KINDS = ("code", "markdown", "raw")

Sources = dict[int, str]
"""By the cell's place, from 0."""


def is_notebook(path: str) -> bool:
    """Whether a file's name says that it is one."""
    return path.lower().endswith(".ipynb")


def read(data: bytes) -> Sources | None:
    """The sources of a notebook's code cells; None for what is no notebook of nbformat 4 that can be read."""
    if len(data) > _MAX_BYTES or data.count(b"{") + data.count(b"[") > _MAX_GROUPS or data.count(b",") > _MAX_VALUES:
        return None
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique)
        return _sources(value)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _sources(value: Any) -> Sources:
    """Raises ValueError, TypeError or KeyError for what is not as nbformat has it."""
    cells = value["cells"]
    if value["nbformat"] != 4 or type(cells) is not list or any(cell["cell_type"] not in _KINDS for cell in cells):
        raise ValueError("no cells of nbformat 4")
    return {n: _source(cell["source"]) for n, cell in enumerate(cells) if cell["cell_type"] == "code"}


def _source(value: Any) -> str:
    text = value if type(value) is str else "".join(value) if type(value) is list else None
    if text is None:
        raise TypeError("a source is text or its lines")
    return _UNENCODABLE.sub("\ufffd", text)


def write(sources: Mapping[int, str]) -> bytes:
    """A notebook with these code cells at their places, and empty Markdown at the others."""
    cells = [_cell(n, sources.get(n)) for n in range(max(sources, default=-1) + 1)]
    language = {"language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": language, "nbformat": 4, "nbformat_minor": 5}).encode()


def _cell(number: int, source: str | None) -> dict[str, Any]:
    base = {"id": f"cell-{number}", "metadata": {}, "source": source or ""}
    if source is None:
        return {"cell_type": "markdown", **base}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **base}


def is_command(source: str) -> bool:
    """Whether a cell that ruff passes over is one command, such as `pip install x`, which IPython takes without `%`."""
    text = source.strip()
    if len(text) > _MAX_COMMAND or len(text.splitlines()) != 1 or text.startswith("%%"):
        return False
    if _WORDS.fullmatch(text):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return True
    return False


def without_magics(source: str) -> bytes:
    """The cell without lines that are magics or shell commands. No comment in it is taken for its encoding."""
    return f"\n\n{_MAGIC_LINE.sub('', source)}".encode()
