"""YAML as plain data that remembers its lines.

The node tree is read instead of ruamel's round-trip objects: it gives every duplicate key at once, dates stay text, and
no tag can build an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Loc = tuple[str | int, ...]

MAX_TEXT = 1024 * 1024
_MAX_NODES = 20_000
_MAX_DEPTH = 20
_PLAIN = {"str", "int", "float", "bool", "null", "timestamp"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(order=True, frozen=True)
class Problem:
    """One thing that is wrong; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.text}"


@dataclass
class Document:
    """A YAML file: `data` of plain types, the place of every key and list item, the problems."""

    file: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    places: dict[Loc, tuple[int, int]] = field(default_factory=dict)

    refused: set[Loc] = field(default_factory=set)
    """Values already named in a problem: their None in `data` is no second problem."""

    def refuse(self, loc: Loc, text: str) -> None:
        """Notes a problem with a value that could not be read."""
        self.refused.add(loc)
        self.add(loc, text)

    def add(self, loc: Loc, text: str) -> None:
        """Notes a problem at a key or item, or where that is missing at the nearest one around it."""
        while loc and isinstance(loc[-1], int) and loc not in self.places:
            loc = loc[:-1]  # one value where a list may stand
        named = f"{'.'.join(map(str, loc))}: {text}" if loc else text
        near = loc
        while near and near not in self.places:
            near = near[:-1]
        self.problems.append(Problem(self.file, *self.places.get(near, (1, 1)), named))


def parse(raw: bytes, file: str) -> Document:
    """Reads one YAML mapping; whatever is wrong with it is in `.problems`, nothing is raised."""
    document = Document(file)
    text = _decode(raw, document)
    root = _compose(text, document) if text is not None else None
    if root is not None:
        reader = _Reader(document)
        document.places[()] = _place(root)
        if isinstance(root, MappingNode):
            document.data = reader.read(root, (), ())
        else:
            document.add((), "must be keys and values, such as `title: Fit a line`")
    return document


def _decode(raw: bytes, document: Document) -> str | None:
    if len(raw) > MAX_TEXT:
        document.add((), "is larger than 1 MB")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        document.problems.append(Problem(document.file, before.count(b"\n") + 1, column, "is not UTF-8 text"))
        return None


def _compose(text: str, document: Document) -> Node | None:
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(filter(None, (error.context, error.problem)))
        document.problems.append(Problem(document.file, line, column, f"not YAML: {what}"))
    except RecursionError:
        document.add((), "is nested too deeply")
    except Exception as error:  # noqa: BLE001 - ruamel lets ValueError, OverflowError and others out on odd escapes
        document.add((), f"not YAML: {' '.join(str(error).split())}")
    else:
        if root is None:
            document.add((), "is empty")
        return root
    return None


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def read(self, node: Node, loc: Loc, around: tuple[Node, ...]) -> Any:
        self.count += 1
        if self.count > _MAX_NODES or len(around) >= _MAX_DEPTH or node in around:
            if self.count <= _MAX_NODES + 1:
                self.document.refuse(loc, "is too large or contains itself")
            return None
        if isinstance(node, MappingNode) and _tag(node) == "map":
            return dict(self._pairs(node, loc, (*around, node)))
        if isinstance(node, SequenceNode) and _tag(node) == "seq":
            return list(self._items(node, loc, (*around, node)))
        if isinstance(node, ScalarNode) and _tag(node) in _PLAIN:
            return self._scalar(node, loc)
        self.document.refuse(loc, f"the tag {_tag(node)} is not understood here")
        return None

    def _items(self, node: SequenceNode, loc: Loc, around: tuple[Node, ...]) -> Iterator[Any]:
        for index, item in enumerate(node.value):
            self.document.places[(*loc, index)] = _place(item)
            yield self.read(item, (*loc, index), around)

    def _pairs(self, node: MappingNode, loc: Loc, around: tuple[Node, ...]) -> Iterator[tuple[str, Any]]:
        first: dict[str, int] = {}
        for key_node, value in node.value:
            line, column = _place(key_node)
            if not isinstance(key_node, ScalarNode) or _tag(key_node) not in _PLAIN:
                self._problem(line, column, loc, "a key must be plain text; merging with << is not understood here")
                continue
            key = key_node.value
            if key in first:
                self._problem(line, column, (*loc, key), f"duplicate key `{key}`, first on line {first[key]}")
                continue
            first[key] = line
            self.document.places[(*loc, key)] = (line, column)
            if self._clean(key, (*loc, "key")):
                yield key, self.read(value, (*loc, key), around)

    def _problem(self, line: int, column: int, loc: Loc, text: str) -> None:
        named = ".".join(map(str, loc))
        self.document.problems.append(Problem(self.document.file, line, column, f"{named}: {text}" if named else text))

    def _scalar(self, node: ScalarNode, loc: Loc) -> Any:
        text: str = node.value
        match _tag(node):
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on", "y")
            case "int" | "float" as kind:
                number = _number(text, kind)
                if number is None:
                    self.document.refuse(loc, "is not a number")
                return number
        return text if self._clean(text, loc) else None

    def _clean(self, text: str, loc: Loc) -> bool:
        if _CONTROL.search(text) is None:
            return True
        self.document.refuse(loc, "holds a control character")
        return False


def _tag(node: Node) -> str:
    return str(node.tag or "").removeprefix("tag:yaml.org,2002:")


def _number(text: str, kind: str) -> int | float | None:
    plain = text.lower()
    try:
        if kind == "int":
            based = plain.lstrip("+-")[:2] in ("0x", "0o", "0b")
            return int(plain, 0) if based else int(plain)
        special = plain.lstrip("+-")
        if special in (".inf", ".nan"):
            return math.nan if special == ".nan" else math.copysign(math.inf, -1 if plain[0] == "-" else 1)
        return float(plain)
    except (ValueError, OverflowError):
        return None
