"""Ordinary suites: the verdict of every test equals the one-process run, for right and for wrong solutions."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from exams import RUBRIC
from plain import run_plain, solutions, suites

from grader.exam.pipeline import grade
from grader.intake import read_folder
from grader.rubric import Report, Suite, load_suite
from grader.sandbox import LocalSandbox, Sandbox
from grader.sandbox.docker import DockerSandbox

STRICTER = {
    ("clock", "wrong-returns-string"): {"test_clock.py::ClockTest::test_subtract_minutes"},
}
"""Tests that pass in one process and fail here on purpose: arithmetic with data that gives data."""
DIES = {("iterator_classes", "wrong-no-stop")}
"""Solutions whose endless loop takes the whole one-process run down, while here it costs only its own test."""
SLOW = {("closures", "wrong-no-cache")}
"""Solutions that call back into the test tens of thousands of times."""


def as_rubric(suite: Path, folder: Path) -> Suite:
    """The suite as a rubric of one criterion, with the opt-ins of its trust.txt."""
    (folder / "tests").mkdir()
    for file in suite.glob("*.py"):
        shutil.copy(file, folder / "tests")
    trust = suite / "trust.txt"
    words = ", ".join(trust.read_text().split()) if trust.exists() else ""
    criteria = f"  - {{id: all, title: All, points: 10, tests: tests/test_{suite.name}.py}}\n"
    text = RUBRIC.format(trust=words, time=600, test_time=20, limits="") + criteria
    (folder / "rubric.yaml").write_text(text.replace("sandbox: python\n", "sandbox: python-ml\n"))
    return load_suite(folder)


def verdicts(report: Report) -> dict[str, str]:
    tests = [t for c in report.criteria for t in c.tests]
    return {t.id.removeprefix("tests/"): "passed" if t.status == "passed" else "failed" for t in tests}


def hold(suite: Suite, solution: Path, sandbox: Sandbox) -> Report:
    return grade(suite, read_folder(solution), sandbox, secret=b"secret", job="collection")


@pytest.mark.parametrize("suite", suites(), ids=lambda s: s.name)
def test_every_verdict_equals_the_one_process_run(suite: Path, tmp_path: Path) -> None:
    rubric = as_rubric(suite, tmp_path)
    test_file = suite / f"test_{suite.name}.py"

    def compare(solution: Path) -> tuple[str, dict[str, str], Report]:
        return solution.name, run_plain(test_file, solution), hold(rubric, solution, LocalSandbox())

    chosen = [s for s in solutions(suite) if (suite.name, s.name) not in DIES | SLOW]
    with ThreadPoolExecutor(2) as pool:
        for name, expected, report in pool.map(compare, chosen):
            stricter = dict.fromkeys(STRICTER.get((suite.name, name), ()), "failed")
            said = [f"{t.id}: {t.status}: {t.message}" for c in report.criteria for t in c.tests if t.message]
            assert verdicts(report) == expected | stricter, "\n".join([f"{suite.name}/{name}", *said])


@pytest.mark.parametrize("suite", suites(), ids=lambda s: s.name)
def test_the_right_solution_passes_in_docker(suite: Path, tmp_path: Path, docker_sandbox: DockerSandbox) -> None:
    report = hold(as_rubric(suite, tmp_path), suite / "right", docker_sandbox)
    failures = [f"{t.id}: {t.status}: {t.message}" for c in report.criteria for t in c.tests if t.status != "passed"]

    assert not failures
    assert report.points == 10
