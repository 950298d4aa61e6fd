"""An assignment as the files of a suite."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.author.convert import Converted, NotConvertibleError, convert
from grader.author.landscape import Landscape
from grader.author.names import parsed, usage
from grader.author.questions import Assignment, Cell, Check, Note, Question, unique
from grader.author.rubric_text import Criterion, rubric_yaml
from grader.errors import BadInput
from grader.intake.notebook import clean

HELPERS = "notebook_helpers"
EXAMINER = ("grader", "joblib", "numpy", "pandas", "pytest", "scipy", "sklearn")
"""What tests can import beside the standard library."""
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Row:
    """A criterion as the author sees it in the summary. `cells` counts from 1."""

    id: str
    points: float
    kind: str
    visibility: str
    cells: tuple[int, ...]


@dataclass
class Made:
    """A suite: its files by path, what it judges, and what the author must know."""

    files: dict[str, bytes]
    rows: list[Row]
    notes: list[Note]
    formats: tuple[str, ...] = ()


@dataclass
class _Suite:
    """What is gathered while questions are converted."""

    landscape: Landscape
    criteria: list[Criterion] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, Converted] = field(default_factory=dict)
    fetched: set[str] = field(default_factory=set)
    for_nothing: float = 0.0
    """Points of tests that look at nothing the student writes."""


def make_suite(assignment: Assignment, id: str, title: str, sandbox: str, beside: Mapping[str, bytes]) -> Made:
    """The files of a suite that judges the assignment. `beside` are files that lie beside the notebook, by path.

    Raises:
        BadInput: nothing in the notebook can be judged.
    """
    suite = _Suite(Landscape(assignment))
    for question in assignment.questions:
        _add(suite, assignment, question, beside)
    _doubt_test_cells(suite, assignment)
    if not suite.criteria:
        told = "\n  ".join(map(str, assignment.notes))
        fix = "Give a test cell or an answer points." + (f"\n  {told}" if told else "")
        raise BadInput("nothing in the notebook can be judged", where=f"{assignment.name}.ipynb", fix=fix)
    title = title or assignment.title
    notebook = f"{assignment.name}.ipynb"
    files = {path: text.encode() for path, text in suite.files.items()}
    if suite.helpers:
        files[f"tests/{HELPERS}.py"] = _helpers(suite).encode()
    files["rubric.yaml"] = rubric_yaml(
        id=id, title=title, sandbox=sandbox, notebook=notebook, beside=sorted(beside),
        criteria=suite.criteria, notes=assignment.notes,
    ).encode()  # fmt: skip
    files["brief.md"] = _brief(title, notebook, sorted(beside)).encode()
    starter, reference = notebook_bytes(assignment.cells, student=True), notebook_bytes(assignment.cells, student=False)
    files |= {f"starter/{notebook}": starter, f"examples/empty/{notebook}": starter}
    files[f"examples/reference/{notebook}"] = reference
    for folder in ("starter", "examples/empty", "examples/reference"):
        files |= {f"{folder}/{path}": content for path, content in beside.items()}
    files["examples/expected.yaml"] = _expected(suite).encode()
    rows = [Row(c.id, c.points, c.kind, c.visibility, c.cells) for c in suite.criteria]
    return Made(files, rows, assignment.notes, assignment.formats)


def _add(suite: _Suite, assignment: Assignment, question: Question, beside: Iterable[str]) -> None:
    if question.points:
        suite.criteria.append(_review(suite, question))
    found: list[tuple[Check, Converted]] = []
    for place, check in enumerate(question.checks, 1):
        if not check.points:
            continue
        name = unique(_name(question, check, place), (made.name for _, made in found))
        try:
            made = convert(check, name.replace("-", "_"), suite.landscape)
        except NotConvertibleError as error:
            assignment.note("lost", check.number, f"({check.points:g} points) {error}")
            continue
        found.append((check, made))
        suite.fetched.update(made.needs.fetched)
        for doubt in (*made.doubts, *_strange_modules(made, beside), *_files_named(made, beside)):
            assignment.note("doubt", check.number, doubt)
    if found:
        _add_tests(suite, question, found)


def _doubt_test_cells(suite: _Suite, assignment: Assignment) -> None:
    """Visible tests run in the student's notebook as well, and what they bind there is what other tests find."""
    for cell in assignment.cells:
        if cell.origin == "test" and cell.starter is not None:
            used = usage(parsed(cell.starter).body)
            for name in sorted((used.bound | used.deleted) & suite.fetched):
                text = f"binds or deletes `{name}` in the student's notebook, where other tests find what it leaves"
                assignment.note("doubt", cell.number, text)


def _strange_modules(made: Converted, beside: Iterable[str]) -> list[str]:
    """Modules that a test imports and that are neither Python's, nor the examiner's, nor beside the notebook."""
    tree = ast.parse("\n".join([*made.needs.imports, made.text]))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    known = {*sys.stdlib_module_names, *EXAMINER, *(path.split("/")[0].removesuffix(".py") for path in beside)}
    strange = sorted({name.partition(".")[0] for name in names} - known)
    return [f"imports {name}, which the examiner does not have: test without it" for name in strange]


def _files_named(made: Converted, beside: Iterable[str]) -> list[str]:
    texts = {node.value for node in ast.walk(ast.parse(made.text)) if isinstance(node, ast.Constant)}
    found = [path for path in beside if path in texts]
    return [f"names {path}, which tests do not have beside them: use `submission.read`" for path in found]


def _name(question: Question, check: Check, place: int) -> str:
    word = re.sub(r"\W", "_", question.id)
    cells = {other.number for other in question.checks}
    return f"test_{word}" + (f"_{place}" if len(cells) > 1 else "_hidden" if check.hidden else "")


def _add_tests(suite: _Suite, question: Question, found: list[tuple[Check, Converted]]) -> None:
    path = f"tests/test_{re.sub(r'[^a-z0-9_]', '_', question.id)}.py"
    weights = {made.name: check.points for check, made in found}
    for hidden in (False, True):
        group = [(check, made) for check, made in found if check.hidden == hidden]
        if group:
            suite.criteria.append(_tests(suite, question, path, group, hidden=hidden))
    suite.files[path] = _module(suite, question, [made for _, made in found], weights)
    free = [check.points for check, made in found if _looks_at_nothing(suite, made)]
    if len(free) == len(found) or not question.all_or_nothing:
        suite.for_nothing += sum(free)


def _looks_at_nothing(suite: _Suite, made: Converted) -> bool:
    """Whether the test passes whatever the student writes, as far as can be told without running it."""
    asks_more = made.text.count("submission.notebook") > len(made.needs.fetched)
    return not asks_more and not any(map(suite.landscape.is_solution, made.needs.fetched))


def _tests(
    suite: _Suite, question: Question, path: str, group: list[tuple[Check, Converted]], *, hidden: bool
) -> Criterion:
    taken = [criterion.id for criterion in suite.criteria]
    return Criterion(
        id=unique(f"{question.id}-hidden" if hidden else question.id, taken),
        title=question.title + (" (hidden tests)" if hidden else ""),
        points=round(sum(check.points for check, _ in group), 4),
        kind="tests",
        visibility="hidden" if hidden else "visible",
        cells=tuple(dict.fromkeys(check.number for check, _ in group)),
        tests=[f"{path}::{made.name}" for _, made in group],
        all_or_nothing=question.all_or_nothing,
    )


def _review(suite: _Suite, question: Question) -> Criterion:
    id = unique(question.id, (criterion.id for criterion in suite.criteria))
    points = round(question.points or 0, 4)
    return Criterion(
        id, question.title, points, "review", "visible", (question.number,), tag=question.tag, scheme=question.scheme
    )


# the tests


def _module(suite: _Suite, question: Question, tests: list[Converted], weights: Mapping[str, float]) -> str:
    """A test file. Tests of equal weight need no mark."""
    marked = len(set(weights.values())) > 1
    imports = {line for made in tests for line in made.needs.imports}
    named = {name for made in tests for name in made.needs.helpers if re.search(rf"\b{name}\b", made.text)}
    helpers = sorted(named)
    for made in tests:
        suite.helpers.update(dict.fromkeys(made.needs.helpers, made))
    used = {name for made in tests for name in made.sdk}
    imports |= {"import pytest"} if marked else set()
    imports |= {f"from grader.exam.sdk import {', '.join(sorted(used))}"} if used else set()
    imports |= {f"from {HELPERS} import {', '.join(helpers)}"} if helpers else set()
    functions = [
        (f"@pytest.mark.points({weights[made.name]:.4g})\n" if marked else "") + made.text.rstrip() for made in tests
    ]
    head = f'"""Tests of {question.tag or question.id}."""'
    return "\n\n".join([head, *([_sorted(imports)] if imports else []), "\n" + "\n\n\n".join(functions)]) + "\n"


def _helpers(suite: _Suite) -> str:
    """What test cells and the instructor's own cells define, and other tests use."""
    found = {name: binding for made in suite.helpers.values() for name, binding in made.needs.helpers.items()}
    imports = {line for binding in found.values() for line in suite.landscape.imports_of(binding)}
    places = sorted({(binding.number, binding.place): binding.text for binding in found.values()}.items())
    parts = ['"""What the tests share."""', *([_sorted(imports)] if imports else []), *(text for _, text in places)]
    return "\n\n".join(parts) + "\n"


def _sorted(imports: Iterable[str]) -> str:
    groups: list[list[str]] = [[], []]
    for line in sorted(imports, key=lambda line: (line.startswith("from"), line)):
        groups[line.startswith("from grader")].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


# notebooks and texts


def notebook_bytes(cells: Iterable[Cell], *, student: bool) -> bytes:
    """The notebook for the student, or the reference, as a file. Nothing is shown in it."""
    made = [_cell(cell, text) for cell in cells if (text := cell.starter if student else cell.reference) is not None]
    whole = {"cells": made, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    for place, cell in enumerate(made, 1):
        cell["id"] = f"cell-{place}"
    normal = json.loads(clean(json.dumps(whole).encode()))
    return (json.dumps(normal, ensure_ascii=False, indent=1) + "\n").encode()


def _cell(cell: Cell, text: str) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": cell.kind, "metadata": {"tags": list(cell.tags)}, "source": text}
    pictures = {name: data for name, data in cell.attachments.items() if f"attachment:{name}" in text}
    if cell.kind == "code":
        made |= {"execution_count": None, "outputs": []}
    elif pictures:
        made["attachments"] = pictures
    return made


def _brief(title: str, notebook: str, beside: list[str]) -> str:
    files = ", ".join(f"`{path}`" for path in beside)
    hand_in = f"Hand in a folder or an archive with the notebook and {files}." if beside else "Hand in the notebook."
    return f"""# {title}

Work in `{notebook}`: its cells say what to do. Write your answers into the cells made for them, and keep the names of
functions and variables. Before you hand it in, restart the kernel and run every cell from the first to the last: that
is how it is graded. Some tests are in the notebook; there may be others that you do not see.

{hand_in}
"""


def _expected(suite: _Suite) -> str:
    full = round(sum(criterion.points for criterion in suite.criteria if criterion.kind == "tests"), 4)
    least = min(full, round(suite.for_nothing, 4))
    empty = f"{{at_most: {least:g}}}   # from tests of what is given" if least else "{points: 0}"
    return f"reference: {{points: {full:.10g}}}\nempty: {empty}\n"
