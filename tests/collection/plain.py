"""Runs a suite of the collection in one ordinary process: what pytest says without any grader around it.

As a script it checks the collection itself: `right/` passes every test, every `wrong-*` fails at least one.

    python tests/collection/plain.py [-j 2] [NAME ...]
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

SUITES = Path(__file__).parent / "suites"
TIMEOUT = 60.0  # seconds for one (suite, solution)


class Recorder:
    """Keeps one status per node id; anything but a clean pass in every phase is `failed`.

    A failed `subTest` is reported beside its test, which pytest then reports as passed: a failure sticks.
    """

    def __init__(self) -> None:
        self.verdicts: dict[str, str] = {}
        self.failed: set[str] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.verdicts[item.nodeid] = "failed"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:
            self.failed.add(report.nodeid)
        passed = report.when != "setup" and report.passed and report.nodeid not in self.failed
        self.verdicts[report.nodeid] = "passed" if passed else "failed"


def run_plain(test_file: Path, solution: Path) -> dict[str, str]:
    """Node id (relative to the suite, `test_x.py::test_y`) -> `passed` or `failed`.

    Tests that `right/` has and this run lacks, because collection broke or the process died, are `failed`.
    """
    verdicts = _run(test_file, solution)
    right = test_file.parent / "right"
    if solution.resolve() == right.resolve():
        return verdicts
    return dict.fromkeys(_right_ids(test_file, right), "failed") | verdicts


@functools.cache
def _right_ids(test_file: Path, right: Path) -> tuple[str, ...]:
    return tuple(_run(test_file, right))


def _run(test_file: Path, solution: Path) -> dict[str, str]:
    """One subprocess; an empty result when nothing could be collected or the process died."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "verdicts.json"
        command = [sys.executable, str(Path(__file__).resolve()), "--child", str(test_file.resolve())]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON"))}
        env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        env |= {"PYTHONUTF8": "1", "GRADER_PLAIN": json.dumps([str(solution.resolve()), str(report)])}
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        if not report.exists():
            return {}
        verdicts: dict[str, str] = json.loads(report.read_text())
        return verdicts


def _child(test_file: str) -> int:
    solution, report = json.loads(os.environ.pop("GRADER_PLAIN"))
    folder = str(Path(test_file).parent)
    sys.path[0] = solution  # in place of this script's own folder
    sys.path.insert(1, folder)
    recorder = Recorder()
    quiet = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}", f"--confcutdir={folder}"]
    status = pytest.main([*quiet, test_file], plugins=[recorder])
    Path(report).write_text(json.dumps(recorder.verdicts))
    return int(status)


@dataclass(frozen=True)
class Row:
    """One solution of one suite and what the plain run said about it."""

    suite: str
    solution: str
    passed: int
    total: int
    seconds: float

    @property
    def ok(self) -> bool:
        return self.total > 0 and (self.passed == self.total) == (self.solution == "right")


def suites(names: list[str] | None = None) -> list[Path]:
    """Folders of the collection that hold a test file, sorted; `names` restricts them."""
    return [
        d for d in sorted(SUITES.iterdir()) if (d / f"test_{d.name}.py").exists() and (not names or d.name in names)
    ]


def solutions(suite: Path) -> list[Path]:
    """`right` first, then every `wrong-*`."""
    return [suite / "right", *sorted(suite.glob("wrong-*"))]


def _check(suite: Path) -> list[Row]:
    rows = []
    for solution in solutions(suite):
        begun = time.perf_counter()
        verdicts = run_plain(suite / f"test_{suite.name}.py", solution)
        passed = sum(status == "passed" for status in verdicts.values())
        rows.append(Row(suite.name, solution.name, passed, len(verdicts), time.perf_counter() - begun))
    return rows


def check(names: list[str] | None = None, jobs: int = 1) -> Iterator[Row]:
    """Rows in the order of the suites, as they come."""
    with ThreadPoolExecutor(jobs) as pool:
        for rows in pool.map(_check, suites(names)):
            yield from rows


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Check the collection in one ordinary process.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    args = parser.parse_args(argv)
    rows = []
    for row in check(args.names, args.jobs):
        rows.append(row)
        mark = "" if row.ok else "  <-- WRONG"
        print(f"{row.suite:24} {row.solution:32} {row.passed:4}/{row.total:<4} {row.seconds:5.2f} s{mark}", flush=True)
    right = [row for row in rows if row.solution == "right"]
    bad = [row for row in rows if not row.ok]
    tests = sum(row.total for row in right)
    wrong = len(rows) - len(right)
    print(f"{len(right)} suites, {tests} tests, {wrong} wrong solutions, {len(bad)} not as they should be")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[2]) if sys.argv[1:2] == ["--child"] else main(sys.argv[1:]))
