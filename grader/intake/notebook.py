"""Notebooks from outside, brought to one normal form: sources and tags stay, what was shown and configured goes."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from grader.errors import SubmissionRejected
from grader.intake.collect import reject, show

MIB = 1024 * 1024
MAX_BYTES = 64 * MIB
MAX_CELLS = 2000
_MAX_GROUPS, _MAX_VALUES = 200_000, 2_000_000  # parsed, each costs tens of bytes that the file does not show
_MAX_TAGS, _MAX_NAME = 50, 100
_MAX_OUTPUTS = 1000  # of one cell
_MAX_TEXT, _MAX_PICTURE, _MAX_SHOWN = MIB, 16 * MIB, 48 * MIB  # characters: of one text, one picture, all together
_MAX_DEPTH = 32

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_MARKED_UP = ("text/html", "text/markdown", "text/latex", "image/svg+xml")
_PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_SHOWN_PICTURES = ("image/png", "image/jpeg")
_UNENCODABLE = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_FIX = "Save it again in Jupyter and check that it opens."

Cell = dict[str, Any]


def clean(content: bytes, where: str = "") -> bytes:
    """The normal form of a notebook: compact UTF-8 JSON of nbformat 4.5, the same bytes for the same cells.

    Kept are the cells' types, ids, sources and tags, and the pictures attached to Markdown. Outputs, counts, the kernel
    and all other metadata go. Notebooks of nbformat 4.0 to 4.4 get ids. `clean(clean(x)) == clean(x)`.

    Raises SubmissionRejected, and no other error, for what is no notebook or is too large; `where` names the file.
    """
    try:
        return _dump(_normal(content))
    except SubmissionRejected as error:
        raise SubmissionRejected(error.message, where=show(where), fix=error.fix) from error


def accept_executed(content: bytes) -> bytes:
    """The normal form of an executed notebook from the candidate, with what its cells showed.

    Only the four kinds of output that nbformat knows stay, in them only text, HTML, Markdown, LaTeX, SVG, JSON, PNG and
    JPEG. Plain text is cut at 1 MiB; longer markup, pictures over 16 MiB and what comes after 48 MiB are left out.

    Raises ValueError, and no other error, for what is no notebook or is too large.
    """
    try:
        return _dump(_normal(content, _Outputs().keep))
    except SubmissionRejected as error:
        raise ValueError(error.message) from error


def prepare() -> None:
    """Load what checking a notebook takes, which a worker does once for all of its work horses."""
    _validator()


def is_notebook(path: str) -> bool:
    """Whether a file's name says that it is one."""
    return path.lower().endswith(".ipynb")


def find_notebook(files: Mapping[str, bytes], path: str | None) -> str:
    """Which file is the notebook: `path`, or the only .ipynb file at the top, or the only one anywhere.

    Raises SubmissionRejected when there is none, or more than one to choose from.
    """
    if path is not None:
        if path not in files:
            reject(f"The submission has no {path}.", fix=f"Save your notebook as {path}, counted from the top folder.")
        return path
    found = sorted(filter(is_notebook, files))
    top = [name for name in found if "/" not in name]
    choice = top or found
    if not choice:
        reject("There is no notebook in the submission.", fix="Add the notebook, a file that ends in .ipynb.")
    if len(choice) > 1:
        names = ", ".join(map(show, choice[:5]))
        reject(f"There is more than one notebook in the submission: {names}.", fix="Leave only the one to be graded.")
    return choice[0]


def _normal(content: bytes, outputs: Callable[[Any], list[Any]] | None = None) -> dict[str, Any]:
    """The notebook as data; with `outputs`, code cells keep their count and what that function makes of their outputs.

    Raises SubmissionRejected.
    """
    value = _parse(content)
    minor = value.get("nbformat_minor")
    if type(value.get("nbformat")) is not int or value["nbformat"] != 4:
        _invalid("its format is not nbformat 4", "Open it in a current Jupyter and save it again.")
    if type(minor) is not int or minor < 0:
        _invalid("it has no nbformat_minor")
    cells = value.get("cells")
    if type(cells) is not list:
        _invalid("it has no list of cells")
    if len(cells) > MAX_CELLS:
        reject(f"The notebook has more than {MAX_CELLS} cells.", fix="Leave out what is not part of the work.")
    found = value | {"cells": [_cell(n, cell, minor, outputs) for n, cell in enumerate(cells)]}
    normal = {key: found[key] for key in ("cells", "metadata", "nbformat", "nbformat_minor") if key in found}
    if type(normal.get("metadata")) is dict:
        normal["metadata"] = _METADATA
    normal["nbformat_minor"] = 5
    _validate(normal)
    return normal


def _parse(content: bytes) -> dict[str, Any]:
    """The JSON object; refused before it is parsed when that would fill the memory."""
    if len(content) > MAX_BYTES:
        reject(f"The notebook is larger than {MAX_BYTES // MIB} MiB.", fix="Clear its outputs and save it again.")
    if content.count(b"{") + content.count(b"[") > _MAX_GROUPS or content.count(b",") > _MAX_VALUES:
        reject("The notebook holds too many values.", fix="Clear its outputs and save it again.")
    try:
        value = json.loads(content.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise _not_valid("it is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise _not_valid(f"it is not JSON, as line {error.lineno} shows") from error
    except ValueError as error:
        raise _not_valid(str(error) if str(error) in _REASONS else "a number in it is too long") from error
    except RecursionError as error:
        raise _not_valid("it is nested too deeply") from error
    if type(value) is not dict:
        _invalid("it is not a JSON object")
    return value


_REASONS = (_TWICE, _NO_NUMBER) = ("a key occurs twice in one object", "it holds a number that is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError(_TWICE)
    return value


def _no_constant(_: str) -> NoReturn:
    raise ValueError(_NO_NUMBER)


def _not_valid(why: str, fix: str = _FIX) -> SubmissionRejected:
    return SubmissionRejected(f"This is not a valid notebook: {why}.", fix=fix)


def _invalid(why: str, fix: str = _FIX) -> NoReturn:
    raise _not_valid(why, fix)


def _cell(number: int, cell: Any, minor: int, outputs: Callable[[Any], list[Any]] | None) -> Any:
    """The cell with only what is kept of it. What is not as nbformat has it stays so, for the validator to find."""
    if type(cell) is not dict:
        return cell
    kind, metadata = cell.get("cell_type"), cell.get("metadata")
    made = {key: cell[key] for key in ("cell_type", "id", "metadata", "source") if key in cell}
    if minor < 5 or "id" not in cell:
        made["id"] = f"cell-{number}"
    made = {key: made[key] for key in ("cell_type", "id", "metadata", "source") if key in made}
    if type(metadata) is dict:
        tags = _tags(metadata.get("tags"))
        made["metadata"] = {"tags": tags} if tags else {}
    if "source" in made:
        made["source"] = _joined(made["source"])
    if kind == "code":
        made |= _code(cell, outputs)
    if kind == "markdown" and (attachments := _attachments(cell.get("attachments"))):
        made["attachments"] = attachments
    return made


def _code(cell: Cell, outputs: Callable[[Any], list[Any]] | None) -> Cell:
    """Count and outputs of a code cell, emptied unless it was executed here."""
    shown = cell.get("outputs", ...)
    if type(shown) is not list:  # nbformat asks for the list, so its lack is left to be found
        return {"execution_count": None} | ({} if shown is ... else {"outputs": shown})
    if outputs is None:
        return {"execution_count": None, "outputs": []}
    return {"execution_count": _count(cell.get("execution_count")), "outputs": outputs(shown)}


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 2**31 else None


def _tags(value: Any) -> list[str]:
    """The tags that are short, printable text without the commas that nbformat forbids, each once."""
    if type(value) is not list:
        return []
    good = (t for t in value if type(t) is str and 0 < len(t) <= _MAX_NAME and "," not in t and not _CONTROL.search(t))
    return list(dict.fromkeys(good))[:_MAX_TAGS]


def _joined(value: Any) -> Any:
    """Text, whether it came as one string or as its lines; anything else as it is."""
    if type(value) is list and all(type(part) is str for part in value):
        value = "".join(value)
    return _UNENCODABLE.sub("\ufffd", value) if type(value) is str else value


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """The pictures attached to a Markdown cell, by name and MIME type."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in value.items() if type(value) is dict else ():
        if type(bundle) is dict and 0 < len(name) <= _MAX_NAME and not _CONTROL.search(name):
            pictures = {mime: data for mime in _PICTURES if (data := _picture(mime, bundle.get(mime)))}
            kept |= {name: pictures} if pictures else {}
    return kept


def _picture(mime: str, value: Any) -> str:
    """The picture in base64 when it is one of that type; else nothing."""
    text = _joined(value)
    if type(text) is not str or len(text) > 2 * _MAX_PICTURE:
        return ""
    try:
        data = base64.b64decode(_SPACE.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        return ""
    good = len(data) <= _MAX_PICTURE and data.startswith(_PICTURES[mime])
    return base64.b64encode(data).decode() if good else ""


def _validate(notebook: dict[str, Any]) -> None:
    """Raises SubmissionRejected for what is not nbformat 4.5, and for ids that occur twice."""
    if not _is_valid(notebook):
        for number, cell in enumerate(notebook["cells"], 1):
            if not _is_valid(notebook | {"cells": [cell], "metadata": {}}):
                _invalid(f"cell {number} is not as nbformat 4 describes cells")
        _invalid("it is not as nbformat 4 describes notebooks")
    ids = [cell["id"] for cell in notebook["cells"]]
    if len(set(ids)) != len(ids):
        double = next(id for n, id in enumerate(ids) if id in ids[:n])
        _invalid(f"two cells have the id {double}", "Delete one of the two cells, or copy its text to a new one.")


def _is_valid(notebook: dict[str, Any]) -> bool:
    from nbformat import ValidationError

    try:
        _validator().validate(notebook)
    except ValidationError:
        return False
    return True


@functools.cache
def _validator() -> Any:
    """The check of nbformat itself, without the repairs that `nbformat.validate` makes on the way."""
    from nbformat.validator import get_validator  # takes a tenth of a second

    return get_validator(4, 5, name="fastjsonschema")


def _dump(notebook: dict[str, Any]) -> bytes:
    return json.dumps(notebook, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class _Outputs:
    """What the cells of one notebook show, as much of it as there is room for."""

    def __init__(self) -> None:
        self._left = _MAX_SHOWN

    def keep(self, values: list[Any]) -> list[Any]:
        """The outputs of one cell that are as nbformat has them."""
        kept = (self._output(value) for value in values[:_MAX_OUTPUTS] if type(value) is dict)
        return [output for output in kept if output is not None]

    def _output(self, value: Cell) -> Cell | None:
        kind = value.get("output_type")
        if kind == "stream":
            name = "stderr" if value.get("name") == "stderr" else "stdout"
            return {"output_type": kind, "name": name, "text": self._text(value.get("text"))}
        if kind == "error":
            lines = value.get("traceback")
            traceback = [self._text(line) for line in lines[:_MAX_OUTPUTS]] if type(lines) is list else []
            head = {key: self._text(value.get(key)) for key in ("ename", "evalue")}
            return {"output_type": kind, **head, "traceback": traceback}
        if kind not in ("display_data", "execute_result"):
            return None
        made = {"output_type": kind, "data": self._bundle(value.get("data")), "metadata": {}}
        return made | ({"execution_count": _count(value.get("execution_count"))} if kind == "execute_result" else {})

    def _bundle(self, value: Any) -> dict[str, Any]:
        bundle = value if type(value) is dict else {}
        data: dict[str, Any] = {"text/plain": self._text(bundle["text/plain"])} if "text/plain" in bundle else {}
        for mime in _MARKED_UP:  # cut in the middle it would be something else
            text = _joined(bundle.get(mime))
            if type(text) is str and len(text) <= _MAX_TEXT and self._room(len(text)):
                data[mime] = text
        for mime in _SHOWN_PICTURES:
            if (picture := _picture(mime, bundle.get(mime))) and self._room(len(picture)):
                data[mime] = picture
        if (tree := bundle.get("application/json")) is not None and _is_plain(tree):
            size = len(json.dumps(tree))
            if size <= _MAX_TEXT and self._room(size):
                data["application/json"] = tree
        return data

    def _text(self, value: Any) -> str:
        text = _joined(value)
        if type(text) is not str:
            return ""
        text = text[: min(_MAX_TEXT, self._left)]
        self._left -= len(text)
        return text

    def _room(self, size: int) -> bool:
        if size > self._left:
            return False
        self._left -= size
        return True


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether JSON can be written again as UTF-8: no lone surrogates, no infinite numbers, not too deep."""
    if depth > _MAX_DEPTH:
        return False
    if type(value) is dict:
        return all(_is_plain(part, depth + 1) for pair in value.items() for part in pair)
    if type(value) is list:
        return all(_is_plain(part, depth + 1) for part in value)
    if type(value) is str:
        return not _UNENCODABLE.search(value)
    return type(value) is not float or math.isfinite(value)
