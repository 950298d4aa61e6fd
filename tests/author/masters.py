"""Instructors' notebooks in both formats, given as lists of cells, and suites made from them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.author import Made, make_suite, read_assignment
from grader.rubric import Suite, load_examples, load_suite

Cell = dict[str, Any]


def markdown(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "markdown", "metadata": metadata, "source": textwrap.dedent(source).strip("\n")}


def raw(source: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": textwrap.dedent(source).strip("\n")}


def code(source: str, *, shows: str | None = None, prints: str = "", ran: bool = True, **metadata: Any) -> Cell:
    """A code cell; `shows` is the value of its last line as it was saved."""
    outputs: list[Cell] = []
    if prints:
        outputs.append({"output_type": "stream", "name": "stdout", "text": prints})
    if shows is not None:
        data = {"text/plain": shows}
        outputs.append({"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data})
    count = 1 if ran else None
    text = textwrap.dedent(source).strip("\n")
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": text,
        "execution_count": count,
        "outputs": outputs if ran else [],
    }


def nbgrader(id: str, *, points: float | None = None, **flags: bool) -> dict[str, Any]:
    """nbgrader's metadata of a cell, to be given to `code` and `markdown`."""
    meta: dict[str, Any] = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    meta |= {"grade_id": id, **flags} | ({} if points is None else {"points": points})
    return {"nbgrader": meta}


def solution(id: str, source: str) -> Cell:
    return code(source, **nbgrader(id, solution=True))


def checked(id: str, points: float, source: str, **options: Any) -> Cell:
    return code(source, **nbgrader(id, grade=True, locked=True, points=points), **options)


def question(name: str, *cells: Cell, tests: Sequence[Cell] = (), keys: str = "", text: str = "Do it.") -> list[Cell]:
    """A question of Otter Assign with a solution block around the cells and a block of tests."""
    found = [raw(f"# BEGIN QUESTION\nname: {name}\n{keys}"), markdown(text)]
    found += [raw("# BEGIN SOLUTION"), *cells, raw("# END SOLUTION")]
    found += [raw("# BEGIN TESTS"), *tests, raw("# END TESTS")] if tests else []
    return [*found, raw("# END QUESTION")]


def notebook(cells: Sequence[Cell], **metadata: Any) -> bytes:
    whole = [{"id": f"c{n}", **cell} for n, cell in enumerate(cells)]
    return json.dumps({"cells": whole, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def made(cells: Sequence[Cell], beside: Mapping[str, bytes] | None = None) -> Made:
    return make_suite(read_assignment(notebook(cells), "lab.ipynb"), "lab", "", "python-ml", beside or {})


def written(folder: Path, files: Mapping[str, bytes]) -> Suite:
    """The suite on disk, loaded with every check."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    suite = load_suite(folder)
    load_examples(suite)
    return suite


def sources(made: Made, path: str) -> list[str]:
    return [cell["source"] for cell in json.loads(made.files[path])["cells"]]


def starter(made: Made) -> list[str]:
    return sources(made, "starter/lab.ipynb")


def reference(made: Made) -> list[str]:
    return sources(made, "examples/reference/lab.ipynb")


def judged(made: Made, id: str) -> str:
    return made.files[f"tests/test_{id}.py"].decode()


def notes(made: Made, weight: str) -> list[str]:
    return [str(note) for note in made.notes if note.weight == weight]
