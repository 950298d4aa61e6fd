"""What a notebook of any authoring format says: cells for the student and the reference, questions and their checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from grader.errors import BadInput

CellKind = Literal["code", "markdown", "raw"]
Origin = Literal["given", "open", "solution", "test"]
Weight = Literal["lost", "doubt", "told"]


@dataclass(frozen=True)
class SourceCell:
    """A cell as the instructor saved it. `number` counts from 1."""

    number: int
    kind: CellKind
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    outputs: tuple[Mapping[str, Any], ...] = ()
    executed: bool = False
    attachments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        return self.source.split("\n")

    @property
    def tags(self) -> tuple[str, ...]:
        found = self.metadata.get("tags")
        return tuple(tag for tag in found if isinstance(tag, str)) if isinstance(found, list) else ()


@dataclass(frozen=True)
class Cell:
    """A cell of the suite's notebooks: its text for the student and in the reference, None where it is left out.

    `origin`: `given` cells are the instructor's, `open` ones may be edited, `solution` ones must be, `test` ones hold
    visible tests.
    """

    number: int
    kind: CellKind
    starter: str | None
    reference: str | None
    origin: Origin
    tags: tuple[str, ...] = ()
    attachments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What a test cell showed when the notebook was saved: it is what the test expects."""

    stdout: str = ""
    result: str | None = None
    """The value of the last line as plain text."""
    executed: bool = False


@dataclass(frozen=True)
class Check:
    """One test: the statements of a cell, to be run after the student's notebook."""

    number: int
    source: str
    hidden: bool
    points: float
    first_line: int = 1
    """The line of the cell where `source` begins."""
    shown: Shown | None = None
    """None where the output is no part of the test."""
    message: str = ""
    """What the author wants said when it fails."""


@dataclass
class Question:
    """What is judged together. `points` is what a person gives; what tests give stands in the checks."""

    id: str
    number: int
    title: str
    tag: str = ""
    points: float | None = None
    all_or_nothing: bool = False
    checks: list[Check] = field(default_factory=list)
    scheme: str = ""
    """The marking scheme, for the reviewer only."""


@dataclass(frozen=True)
class Note:
    """Something the author must know. `lost`: a test that is not in the suite. `doubt`: it is, but look at it."""

    weight: Weight
    number: int
    text: str

    def __str__(self) -> str:
        return f"cell {self.number}: {self.text}" if self.number else self.text


@dataclass
class Assignment:
    """A notebook, read. `name` is the file's name without its ending."""

    name: str
    title: str
    formats: tuple[str, ...]
    cells: list[Cell] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    files: tuple[str, ...] = ()
    """Files that the notebook's own configuration names."""

    def note(self, weight: Weight, number: int, text: str) -> None:
        self.notes.append(Note(weight, number, text))


def refuse(message: str, fix: str, number: int = 0, line: int = 0) -> NoReturn:
    """Raise BadInput that names the cell and the line."""
    where = f"cell {number}, line {line}" if line else f"cell {number}" if number else ""
    raise BadInput(message, where=where, fix=fix)


def slug(text: str, otherwise: str = "question") -> str:
    """An id of lower-case letters, digits, `-` and `_`, at most 48 characters."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:48].strip("-")
    return made or otherwise


def tag_of(text: str) -> str:
    """A cell's tag made from an id."""
    return re.sub(r"[^A-Za-z0-9_.:-]+", "-", text).lstrip("-.:")[:100] or "answer"


def unique(id: str, taken: Iterable[str]) -> str:
    """The id, or the id with the first free number behind it."""
    known = set(taken)
    return next(name for n in range(1, len(known) + 2) if (name := id if n == 1 else f"{id}-{n}") not in known)


def headline(source: str, otherwise: str, most: int = 90) -> str:
    """The first line of Markdown or of a docstring that says something, as plain text."""
    for line in re.sub("[\x00-\x09\x0b-\x1f\x7f]", " ", source).split("\n"):
        text = " ".join(re.sub(r"!?\[([^\]]*)\]\([^)]*\)|[*`$<>]", r"\1", line).strip("#-= \t").split())
        if re.search(r"[^\W_]", text):
            return text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return otherwise
