"""Otter Assign's notebooks: blocks between boundary cells, each a question with its solution and its tests.

Boundaries are raw cells, Markdown cells fenced as `otter`, or code cells of nothing but comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.author import otter_cells as cells
from grader.author.questions import (
    Assignment,
    Cell,
    Check,
    Question,
    SourceCell,
    headline,
    refuse,
    slug,
    tag_of,
    unique,
)
from grader.rubric.source import parse

_BOUNDARY = re.compile(
    r"#+\s*(?:(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS)|ASSIGNMENT\s+CONFIG)\s*$", re.IGNORECASE
)
_OLD = re.compile(r"^\s*```\s*\n\s*(?:BEGIN\s+(?:QUESTION|ASSIGNMENT)|OTTER\s+ASSIGN)", re.IGNORECASE)
_FENCE = re.compile(r"^```otter[ \t]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_ANSWER = "*Write your answer here, in place of this text.*"


@dataclass(frozen=True)
class _Boundary:
    """`word` is BEGIN or END, or nothing for the assignment's configuration; `text` is YAML."""

    word: str
    block: str
    text: str


@dataclass
class _Open:
    """The question that is being read."""

    question: Question
    config: dict[str, Any]
    block: str = ""
    since: int = 0
    cases: list[tuple[cells.TestCell, int]] = field(default_factory=list)
    prompted: bool = False
    text: str = ""


def is_otter(cell: SourceCell) -> bool:
    """Whether the cell is, or holds, a boundary. Raises BadInput for the format before version 1."""
    if cell.kind == "markdown" and _OLD.match(cell.source):
        fix = "Write boundaries as raw cells that begin with `# BEGIN QUESTION`, as newer versions have them."
        refuse("this is the old format of Otter Assign", fix, cell.number)
    return any(_boundary(part) for part in unfenced([cell]))


def unfenced(found: Sequence[SourceCell]) -> Iterator[SourceCell]:
    """The cells, with Markdown that holds fenced boundaries taken apart into raw cells and the rest."""
    for cell in found:
        if cell.kind != "markdown" or not _FENCE.search(cell.source):
            yield cell
            continue
        for place, text in enumerate(_FENCE.split(cell.source)):
            if text.strip():
                yield replace(cell, kind="raw" if place % 2 else "markdown", source=text.strip("\n"))


class Reader:
    """Reads cells one after the other; `take` says whether a cell was its own."""

    def __init__(self, assignment: Assignment) -> None:
        self._to = assignment
        self._open: _Open | None = None

    def take(self, cell: SourceCell) -> bool:
        """Read a cell that is a boundary, lies in a question, or is to be ignored. Raises BadInput."""
        boundary = _boundary(cell)
        if boundary:
            self._pass(cell, boundary)
        elif cells.is_ignored(cell.source):
            return True
        elif self._open:
            self._inside(self._open, cell)
        else:
            return False
        return True

    def given(self, cell: SourceCell) -> None:
        """Add a cell outside all questions: the instructor's own."""
        text = cells.given(cell)
        self._to.cells.append(Cell(cell.number, cell.kind, text, text, "given", cell.tags, cell.attachments))

    def end(self) -> None:
        """Raises BadInput when a question is still open."""
        if self._open:
            name = self._open.block or "QUESTION"
            fix = f"Add a raw cell `# END {name}` behind its last cell."
            refuse(f"the block # BEGIN {name} is never closed", fix, self._open.since)

    def _pass(self, cell: SourceCell, boundary: _Boundary) -> None:
        if not boundary.word:
            self._configure(cell, boundary)
        elif boundary.block == "QUESTION":
            self._begin(cell, boundary) if boundary.word == "BEGIN" else self._end(cell)
        elif not self._open:
            fix = "Put it after a raw cell `# BEGIN QUESTION`."
            refuse(f"# {boundary.word} {boundary.block} stands outside of every question", fix, cell.number, 1)
        elif boundary.word == "BEGIN":
            self._no_block(cell, f"# BEGIN {boundary.block}")
            self._open.block, self._open.since = boundary.block, cell.number
        elif self._open.block != boundary.block:
            fix = f"Add a raw cell `# BEGIN {boundary.block}` before it, or delete this one."
            refuse(f"# END {boundary.block} closes a block that is not open", fix, cell.number, 1)
        else:
            self._open.block, self._open.since = "", self._open.question.number

    def _no_block(self, cell: SourceCell, word: str) -> None:
        if self._open and self._open.block:
            block, since = self._open.block, self._open.since
            message = f"{word} stands inside # BEGIN {block}, which cell {since} opens"
            refuse(message, f"Add a raw cell `# END {block}` before it.", cell.number, 1)

    def _configure(self, cell: SourceCell, boundary: _Boundary) -> None:
        config = _yaml(boundary.text, cell.number)
        files = config.get("files") or []
        self._to.files = tuple(name for name in files if isinstance(name, str)) if isinstance(files, list) else ()
        generate = config.get("generate")
        if isinstance(generate, dict) and "seed" in generate:
            text = "asks for seeds between cells, which are not set here: seed in the cells themselves"
            self._to.note("doubt", cell.number, text)
        if config.get("config_file"):
            self._to.note("doubt", cell.number, f"{config['config_file']} is not read: only the notebook is")

    def _begin(self, cell: SourceCell, boundary: _Boundary) -> None:
        self._no_block(cell, "# BEGIN QUESTION")
        if self._open:
            message = f"# BEGIN QUESTION stands inside the question that cell {self._open.question.number} opens"
            refuse(message, "Add a raw cell `# END QUESTION` before it.", cell.number, 1)
        config = _yaml(boundary.text, cell.number)
        name = config.get("name")
        if name is None:
            refuse("the question has no name", "Add a line such as `name: q1`.", cell.number)
        tag = tag_of(str(name))
        for other in self._to.questions:
            if other.tag == tag:
                fix = "Give one of the two another name."
                refuse(f"the question {name!r} is there already, in cell {other.number}", fix, cell.number)
        id = unique(slug(str(name)), (question.id for question in self._to.questions))
        self._open = _Open(Question(id, cell.number, str(name), tag), config, since=cell.number)

    def _end(self, cell: SourceCell) -> None:
        self._no_block(cell, "# END QUESTION")
        if not self._open:
            refuse("# END QUESTION closes nothing", "Delete it, or add `# BEGIN QUESTION`.", cell.number, 1)
        opened, self._open = self._open, None
        question, config = opened.question, opened.config
        question.title = headline(opened.text, f"Question {question.title}")
        question.all_or_nothing = config.get("all_or_nothing") is True
        if config.get("manual") is True:
            question.points = self._by_hand(question, config.get("points"))
        else:
            question.checks = self._checks(question, config.get("points"), opened.cases)
        self._to.questions.append(question)

    def _by_hand(self, question: Question, points: Any) -> float | None:
        if points is None:
            self._to.note("doubt", question.number, f"{question.tag} says nothing of points; it has 1 here")
            return 1.0
        if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
            refuse(f"{points!r} are no points", "Write a number from 0 up.", question.number)
        if not points:
            self._to.note("told", question.number, f"{question.tag} is worth 0 points, so it is no criterion")
        return float(points) or None

    def _checks(self, question: Question, points: Any, cases: list[tuple[cells.TestCell, int]]) -> list[Check]:
        if not cases:
            self._to.note("told", question.number, f"{question.tag} has no tests, so it is no criterion")
            return []
        worth = cells.resolve_points(points, [case.points for case, _ in cases], question.number)
        for (_, number), value in zip(cases, worth, strict=True):
            if not value:
                self._to.note("told", number, "is a test worth 0 points, so it is not in the rubric")
        return [
            Check(number, case.source, case.hidden, value, case.first_line, case.shown, case.message)
            for (case, number), value in zip(cases, worth, strict=True)
        ]

    def _inside(self, opened: _Open, cell: SourceCell) -> None:
        tags = tuple(dict.fromkeys((*cell.tags, opened.question.tag)))
        if opened.block == "TESTS":
            self._test(opened, cell)
        elif opened.block == "PROMPT":
            opened.prompted = True
            self._to.cells.append(Cell(cell.number, cell.kind, cell.source, None, "solution", tags, cell.attachments))
        elif opened.block == "SOLUTION":
            self._solution(opened, cell, tags)
        else:
            opened.text = opened.text or (cell.source if cell.kind == "markdown" else "")
            self.given(cell)

    def _solution(self, opened: _Open, cell: SourceCell, tags: tuple[str, ...]) -> None:
        starter: str | None = None
        reference = cell.source
        if cell.kind == "code":
            starter, reference = cells.without_solution(cell), cells.with_solution(cell)
        elif "otter_include" in cell.tags:
            starter = cell.source
            tags = tuple(tag for tag in tags if tag != "otter_include")
        elif cell.kind == "markdown" and opened.config.get("manual") is True and not opened.prompted:
            starter, opened.prompted = _ANSWER, True
        made = Cell(cell.number, cell.kind, starter, reference, "solution", tags, cell.attachments)
        self._to.cells.append(made)

    def _test(self, opened: _Open, cell: SourceCell) -> None:
        if cell.kind != "code":
            if cell.source.strip():
                self._to.note("told", cell.number, "is not code, so it is no test; it is left out")
            return
        case = cells.read_test(cell)
        opened.cases.append((case, cell.number))
        if not case.hidden:
            text = cells.for_student(case)
            self._to.cells.append(Cell(cell.number, "code", text, text, "test", cell.tags))


def _boundary(cell: SourceCell) -> _Boundary | None:
    first, _, rest = cell.source.strip("\n").partition("\n")
    found = _BOUNDARY.match(first.strip())
    if not found or cell.kind not in ("raw", "code"):
        return None
    if cell.kind == "code":
        lines = rest.split("\n")
        if any(line.strip() and not line.lstrip().startswith("#") for line in lines):
            return None
        if (found[2] or "").upper() == "SOLUTION" and any("END SOLUTION" in line for line in lines):
            return None
        rest = "\n".join(re.sub(r"^\s*#+ ?", "", line) for line in lines)
    return _Boundary((found[1] or "").upper(), (found[2] or "").upper(), rest)


def _yaml(text: str, number: int) -> dict[str, Any]:
    """The mapping of a boundary cell; its first line was the boundary. Raises BadInput."""
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.split("\n")):
        return {}
    document = parse(text.encode(errors="replace"), "")
    if document.problems or not isinstance(document.data, dict):
        problem = min(document.problems, default=None)
        line = problem.line + 1 if problem else 1
        refuse(problem.text if problem else "it holds no keys", "Write YAML, such as `name: q1`.", number, line)
    return document.data
