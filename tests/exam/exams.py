"""Small exams for tests: a test file and a submission given as text, held in two real processes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from grader.exam.pipeline import grade
from grader.intake import Tree
from grader.rubric import Report, Suite, TestResult, load_suite
from grader.sandbox import LocalSandbox, Sandbox

RUBRIC = """\
rubric: 1
id: small
version: 1
title: A small exam
sandbox: python
limits: {{time: {time}, test_time: {test_time}{limits}}}
trust: [{trust}]
submission: {{accepts: [repository]}}
criteria:
"""
CRITERION = "  - {id: all, title: All, points: 10, tests: tests/test_small.py}\n"


def small_suite(
    folder: Path,
    tests: str,
    *,
    trust: str = "",
    time: int = 60,
    test_time: int = 10,
    limits: str = "",
    criteria: str = CRITERION,
    files: Mapping[str, str] | None = None,
) -> Suite:
    """A suite in `folder` with one test file, tests/test_small.py, and `files` beside it."""
    content = {"tests/test_small.py": tests, **(files or {})}
    content["rubric.yaml"] = RUBRIC.format(trust=trust, time=time, test_time=test_time, limits=limits) + criteria
    for name, text in content.items():
        path = folder / "suite" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return load_suite(folder / "suite")


def tree(solution: str | Mapping[str, str]) -> Tree:
    files = {"solution.py": solution} if isinstance(solution, str) else solution
    return Tree("repository", {name: textwrap.dedent(text).encode() for name, text in files.items()})


def hold(suite: Suite, solution: str | Mapping[str, str], sandbox: Sandbox | None = None) -> Report:
    return grade(suite, tree(solution), sandbox or LocalSandbox(), secret=b"secret", job="test")


def results(report: Report) -> dict[str, TestResult]:
    """By the test's name without its file."""
    return {t.id.partition("::")[2]: t for c in report.criteria for t in c.tests}


def statuses(report: Report) -> dict[str, str]:
    return {name: test.status for name, test in results(report).items()}
