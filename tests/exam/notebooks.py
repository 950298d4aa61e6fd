"""Notebooks given as lists of cells, and exams over them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.exam.pipeline import grade
from grader.intake import Tree
from grader.rubric import Report, Suite, load_suite
from grader.sandbox import LocalSandbox, Sandbox

RUBRIC = """\
rubric: 1
id: small
version: 1
title: A small notebook
sandbox: python-ml
limits: {{time: {time}, test_time: 10{limits}}}
submission: {{accepts: [notebook], notebook: {{{notebook}}}}}
criteria:
"""
CRITERION = "  - {id: all, title: All, points: 10, tests: tests/test_small.py}\n"


def markdown(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": source}


def code(source: str, *tags: str) -> dict[str, Any]:
    source = textwrap.dedent(source).strip("\n")
    empty = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, **empty}


def notebook(cells: Sequence[str | dict[str, Any]]) -> bytes:
    """A notebook as Jupyter writes it; a string is a code cell."""
    made = [code(c) if isinstance(c, str) else c for c in cells]
    whole = [{"id": f"c{n}", **cell} for n, cell in enumerate(made)]
    return json.dumps({"cells": whole, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def notebook_suite(
    folder: Path, tests: str, *, spec: str = "timeout: 10", time: int = 60, limits: str = "", criteria: str = CRITERION
) -> Suite:
    suite = folder / "suite"
    (suite / "tests").mkdir(parents=True)
    (suite / "tests/test_small.py").write_text(textwrap.dedent(tests))
    (suite / "rubric.yaml").write_text(RUBRIC.format(time=time, limits=limits, notebook=spec) + criteria)
    return load_suite(suite)


def hold_notebook(
    suite: Suite,
    cells: Sequence[str | dict[str, Any]],
    sandbox: Sandbox | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
    path: str = "work.ipynb",
) -> tuple[Report, dict[str, bytes]]:
    """The report, and the artefacts by name. With `files` beside it the notebook comes in an archive."""
    tree = Tree("repository" if files else "notebook", {path: notebook(cells), **(files or {})})
    kept: dict[str, bytes] = {}
    report = grade(suite, tree, sandbox or LocalSandbox(), secret=b"secret", job="test", on_artifact=kept.__setitem__)
    return report, kept
