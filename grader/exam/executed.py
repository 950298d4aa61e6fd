"""The host's side of a notebook: which one is graded, what the examiner is told of it, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grader.errors import SubmissionRejected
from grader.intake.notebook import accept_executed, clean, find_notebook
from grader.intake.tree import Tree
from grader.rubric import NotebookResult, NotebookSpec, Rubric
from grader.rubric.model import CELLS_FILE, Criterion

SHARE = 0.75
"""Of the exam's time, what the cells may take together."""


def notebook_of(rubric: Rubric, tree: Tree) -> str | None:
    """Path of the notebook to execute; None for a rubric without one. Raises SubmissionRejected when it is missing."""
    wanted = rubric.submission
    if wanted.notebook is None and "notebook" not in wanted.accepts:
        return None
    if tree.kind == "notebook":
        return next(iter(tree.files))
    if wanted.notebook is None and "repository" in wanted.accepts and not any(map(is_notebook, tree.files)):
        return None
    return find_notebook(tree.files, wanted.notebook.path if wanted.notebook else None)


def is_notebook(path: str) -> bool:
    """By its name."""
    return path.endswith(".ipynb")


def candidate_files(tree: Tree, notebook: str | None) -> dict[str, bytes]:
    """The files as the candidate gets them: notebooks without what they showed elsewhere.

    Raises SubmissionRejected when `notebook` is not one; other files that are none stay as they are.
    """
    if not any(map(is_notebook, tree.files)):
        return tree.files
    files = dict(tree.files)
    for path in filter(is_notebook, tree.files):
        try:
            files[path] = clean(files[path], path)
        except SubmissionRejected:
            if path == notebook:
                raise
    return files


def examiner_spec(rubric: Rubric, path: str, content: bytes) -> dict[str, Any]:
    """What the examiner is told: times in seconds, and every cell's type, source and tags. `content` is clean."""
    spec = rubric.submission.notebook or NotebookSpec()
    total = rubric.limits.time * SHARE
    cells = [
        {"type": cell["cell_type"], "source": cell["source"], "tags": cell["metadata"].get("tags", [])}
        for cell in json.loads(content)["cells"]
    ]
    return {
        "path": path,
        "on_error": spec.on_error,
        "timeout": min(spec.timeout, total),
        "total": total,
        "cells": cells,
    }


def cell_tests(rubric: Rubric) -> dict[str, bytes]:
    """The file of tests that `cells` criteria stand for; nothing where there are none."""
    tests = "".join(map(_cell_test, (c for c in rubric.criteria if c.cells)))
    if not tests:
        return {}
    return {CELLS_FILE: f"from grader.exam.notebook import check_cells\n{tests}".encode()}


def _cell_test(criterion: Criterion) -> str:
    assert criterion.cells is not None
    name = criterion.selectors[0].rpartition("::")[2]
    wants = ", ".join(f"{key}={value!r}" for key, value in criterion.cells.model_dump(exclude_defaults=True).items())
    return f"\n\ndef {name}(submission):\n    check_cells(submission.notebook, {wants})\n"


def executed(content: bytes, record: Mapping[str, Any]) -> bytes | None:
    """The clean notebook with what its cells showed, checked; None when that makes no notebook."""
    notebook = json.loads(content)
    for cell, row in zip(notebook["cells"], record["cells"], strict=True):
        if cell["cell_type"] == "code":
            cell["execution_count"], cell["outputs"] = row["count"], row["outputs"]
    try:
        return accept_executed(json.dumps(notebook).encode("utf-8", "backslashreplace"))
    except (ValueError, RecursionError):
        return None


def result(path: str, record: Mapping[str, Any]) -> NotebookResult:
    """For the report."""
    return NotebookResult(
        path=path,
        status=record["status"],
        cells=len(record["cells"]),
        failed=record["failed"],
        message=record["message"],
    )


def tagged(content: bytes, tag: str | None) -> list[int]:
    """Places of the cells with a tag."""
    cells = json.loads(content)["cells"] if tag else []
    return [n for n, cell in enumerate(cells) if tag in cell["metadata"].get("tags", [])]
