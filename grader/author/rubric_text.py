"""The text of a rubric.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.author.questions import Note

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./'()-]*[A-Za-z0-9_./')]")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off")
HINT = "These tests use inputs that you do not see. Read the task again: which cases does it name?"


@dataclass(frozen=True)
class Criterion:
    """One criterion: tests, or a person who looks at the cells with a tag. `cells` are those it was made from."""

    id: str
    title: str
    points: float
    kind: str
    visibility: str
    cells: tuple[int, ...]
    tests: list[str] = field(default_factory=list)
    all_or_nothing: bool = False
    tag: str = ""
    scheme: str = ""


def rubric_yaml(
    *,
    id: str,
    title: str,
    sandbox: str,
    notebook: str,
    beside: Sequence[str],
    criteria: Sequence[Criterion],
    notes: Sequence[Note],
) -> str:
    """A rubric for one notebook, alone or with files beside it; its first lines tell the author what to look at."""
    lines = [*_remarks(notebook, criteria, notes), "rubric: 1", f"id: {id}", "version: 1", f"title: {_text(title)}"]
    lines += [f"sandbox: {sandbox}", "submission:", f"  accepts: [{'repository' if beside else 'notebook'}]"]
    if beside:
        lines += [f"  requires: [{', '.join(map(_text, (notebook, *beside)))}]"]
    lines += [f"  notebook: {{path: {_text(notebook)}, on_error: continue, timeout: 60}}"]
    lines += ["limits: {time: 300, test_time: 30}", "criteria:"]
    for criterion in criteria:
        lines += _criterion(criterion)
    return "\n".join(lines) + "\n"


def _remarks(notebook: str, criteria: Sequence[Criterion], notes: Sequence[Note]) -> list[str]:
    lines = [f"# Made from {_line(notebook)} by `grader rubric new`."]
    if any(criterion.visibility == "hidden" for criterion in criteria):
        lines += [
            "# Of a test cell with a hidden part half of the points go to the visible part, half to the whole cell."
        ]
    for weight, title in (("lost", "Not in this suite:"), ("doubt", "Look at:")):
        told = [note for note in notes if note.weight == weight]
        lines += [f"# {title}", *(f"#   {_line(str(note))}" for note in told)] if told else []
    return lines


def _criterion(criterion: Criterion) -> list[str]:
    lines = [f"  # the marking scheme: {_line(text)}" for text in criterion.scheme.split("\n") if text.strip()]
    lines += [f"  - id: {criterion.id}", f"    title: {_text(criterion.title)}", f"    points: {criterion.points:.10g}"]
    if criterion.visibility == "hidden":
        lines += ["    visibility: hidden", f"    hint: {_text(HINT)}"]
    if criterion.all_or_nothing:
        lines += ["    all_or_nothing: true"]
    if criterion.kind == "tests":
        return [*lines, "    tests:", *(f"      - {test}" for test in criterion.tests)]
    points = criterion.points
    levels = f"{{name: not done, points: 0}}, {{name: in part, points: {round(points / 2, 4):.10g}}}"
    best = f"{{name: well done, points: {points:.10g}}}"
    return [*lines, "    review:", f"      cell: {_text(criterion.tag)}", f"      levels: [{levels}, {best}]"]


def _text(text: str) -> str:
    """A scalar, quoted where YAML could take it for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _line(text: str) -> str:
    """Text that stays within a comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
