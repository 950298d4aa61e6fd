"""Cells with nbgrader's metadata and regions.

A test cell with a hidden part becomes two checks with half of the points each: the visible part, and the whole cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from grader.author import regions
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
from grader.author.regions import HIDDEN, SCHEME, SOLUTION, Line

CODE_STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
TEXT_STUB = ("YOUR ANSWER HERE",)
_AUTOTEST = re.compile(r"^\s*#+\s*(?:HASHED\s+)?AUTOTEST\b", re.MULTILINE)
_PICTURE = re.compile(r"\(attachment:[^)]+\)")


def is_nbgrader(cell: SourceCell) -> bool:
    """Whether the cell has nbgrader's metadata or one of its regions."""
    marked = any(f"BEGIN {name}" in cell.source for name in (HIDDEN, SCHEME)) or "### BEGIN SOLUTION" in cell.source
    return marked or bool(_metadata(cell))


def read_cell(assignment: Assignment, cell: SourceCell) -> None:
    """Add the cell to the assignment, with what it asks and tests. Raises BadInput for regions that make no sense."""
    meta = _metadata(cell)
    lines = regions.split(cell)
    inside = regions.regions_of(lines)
    grade, solution, task = (meta.get(key) is True for key in ("grade", "solution", "task"))
    if task:
        _read_task(assignment, cell, lines)
    elif HIDDEN in inside and SOLUTION in inside:
        fix = "Move the tests into a cell of their own below it."
        refuse("one cell holds a solution and hidden tests", fix, cell.number)
    elif solution or SOLUTION in inside:
        _read_solution(assignment, cell, lines, graded=grade)
    elif (grade or HIDDEN in inside) and cell.kind == "code":
        _read_test(assignment, cell, lines)
    elif grade:
        fix = "Mark it as a manually graded answer, or take the points away."
        refuse("a Markdown cell with points is no answer", fix, cell.number)
    else:
        _read_given(assignment, cell, lines)


def _metadata(cell: SourceCell) -> Mapping[str, Any]:
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def _id(cell: SourceCell) -> str:
    found = _metadata(cell).get("grade_id")
    return found if isinstance(found, str) and found else f"cell-{cell.number}"


def _points(assignment: Assignment, cell: SourceCell) -> float:
    meta = _metadata(cell)
    value = meta.get("points")
    if value is None and "grade" not in meta:
        assignment.note("doubt", cell.number, "says nothing of points; it has 1 here")
        return 1.0
    try:
        points = float(value or 0)
    except (TypeError, ValueError):
        points = -1.0
    if not 0 <= points <= 1_000_000:
        refuse(f"{value!r} are no points", "Write a number from 0 up.", cell.number)
    if not points:
        assignment.note("told", cell.number, f"{_id(cell)} is worth 0 points, so it is no criterion")
    return points


def _question(assignment: Assignment, cell: SourceCell, title: str) -> Question:
    id = _id(cell)
    for other in assignment.questions:
        if other.tag == tag_of(id):
            fix = "Give one of the two another id in nbgrader's cell toolbar."
            refuse(f"the id {id!r} is that of cell {other.number} too", fix, cell.number)
    made = unique(slug(id), (question.id for question in assignment.questions))
    return Question(made, cell.number, title, tag_of(id))


def _read_given(assignment: Assignment, cell: SourceCell, lines: list[Line]) -> None:
    text = regions.without(lines, SCHEME, HIDDEN)
    locked = _metadata(cell).get("locked") is True
    made = Cell(cell.number, cell.kind, text, text, "given" if locked else "open", cell.tags, cell.attachments)
    assignment.cells.append(made)


def _read_solution(assignment: Assignment, cell: SourceCell, lines: list[Line], *, graded: bool) -> None:
    stub = CODE_STUB if cell.kind == "code" else TEXT_STUB
    starter = _stubbed(lines, stub) if SOLUTION in regions.regions_of(lines) else "\n".join(stub)
    reference = regions.without(lines, SCHEME, HIDDEN)
    tags = tuple(dict.fromkeys((*cell.tags, tag_of(_id(cell)))))
    made = Cell(cell.number, cell.kind, starter, reference, "solution", tags, cell.attachments)
    assignment.cells.append(made)
    if HIDDEN in regions.regions_of(lines):
        text = f"{_id(cell)} is marked by a person; its hidden tests are not in the suite"
        assignment.note("lost", cell.number, text)
    if graded and (points := _points(assignment, cell)):
        question = _question(assignment, cell, _words(_id(cell)))
        question.points, question.scheme = points, regions.content(lines, SCHEME)
        assignment.questions.append(question)


def _stubbed(lines: list[Line], stub: tuple[str, ...]) -> str:
    """Each solution region as the stub, as far to the right as its first mark."""
    made: list[str] = []
    for line in lines:
        if line.opens and line.region == SOLUTION:
            indent = line.text[: len(line.text) - len(line.text.lstrip())]
            made += [indent + text for text in stub]
        elif not line.region:
            made.append(line.text)
    return "\n".join(made)


def _read_task(assignment: Assignment, cell: SourceCell, lines: list[Line]) -> None:
    text, scheme = regions.without(lines, SCHEME, SOLUTION, HIDDEN), regions.content(lines, SCHEME)
    if _PICTURE.search(scheme):
        fix = "Take the attached picture out of it, and save the notebook."
        refuse("a picture attached to the marking scheme would reach the student", fix, cell.number)
    tags = tuple(dict.fromkeys((*cell.tags, tag_of(_id(cell)))))
    assignment.cells.append(Cell(cell.number, cell.kind, text, text, "given", tags, cell.attachments))
    if points := _points(assignment, cell):
        question = _question(assignment, cell, headline(text, _words(_id(cell))))
        question.points, question.scheme = points, scheme.strip()
        assignment.questions.append(question)


def _read_test(assignment: Assignment, cell: SourceCell, lines: list[Line]) -> None:
    visible, whole = regions.without(lines, HIDDEN, SCHEME), regions.without(lines, SCHEME)
    shown = visible if visible.strip() else None
    assignment.cells.append(Cell(cell.number, "code", shown, shown, "test", cell.tags))
    points = _points(assignment, cell)
    question = _question(assignment, cell, headline(_docstring(visible), _words(_id(cell))))
    if _AUTOTEST.search(whole):
        text = "has AUTOTEST lines, which are turned into tests by running them; write them as assertions"
        assignment.note("lost", cell.number, text)
        return
    if points and _PARTIAL.search(_result(cell)):
        text = "shows a number, which nbgrader takes as a part of the points; here it is all or nothing"
        assignment.note("doubt", cell.number, text)
    parts = _parts(points, hidden=HIDDEN in regions.regions_of(lines), visible=_tests(visible))
    sources = {False: visible, True: whole}
    question.checks = [Check(cell.number, sources[hidden], hidden, part) for hidden, part in parts]
    assignment.questions.append(question)


_PARTIAL = re.compile(r"^\s*\d+(\.\d*)?\s*$")


def _result(cell: SourceCell) -> str:
    data = [o.get("data") for o in cell.outputs if o.get("output_type") == "execute_result"]
    text = data[-1].get("text/plain") if data and isinstance(data[-1], dict) else ""
    return "".join(text) if isinstance(text, str | list) else ""


def _parts(points: float, *, hidden: bool, visible: bool) -> list[tuple[bool, float]]:
    """Whether hidden, and the points, of the checks that a test cell becomes."""
    if not hidden:
        return [(False, points)]
    half = round(points / 2, 2) if visible else 0.0
    return [(False, half), (True, round(points - half, 4))] if half else [(True, points)]


def _tests(source: str) -> bool:
    """Whether the visible part does anything but define and import."""
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return True
    return any(not isinstance(node, quiet) and not _constant(node) for node in body)


def _constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _docstring(source: str) -> str:
    try:
        return ast.get_docstring(ast.parse(source)) or ""
    except SyntaxError:
        return ""


def _words(id: str) -> str:
    text = re.sub(r"[\s_-]+", " ", id).strip()
    return text[:1].upper() + text[1:] or "Question"
