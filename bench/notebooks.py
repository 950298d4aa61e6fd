"""Times grading a notebook: nbgrader autograde, otter run, bare nbclient and Grader, each on the same cells and tests.

    make bench                          # or: .venv/bin/python bench/notebooks.py -n 9 --pause 3

The peers are installed into var/bench-peers from requirements/bench.txt, and run as their users run them: without any
isolation, student code and tests in one kernel. Grader is timed from queue to stored report, two containers and all.
All run in turn. `--pause` is the wait before each run: a service is asked now and then, and makes the next containers
ready in between. With `--pause 0` it never gets the time to, which is the other figure worth knowing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from run import Grader, running

from grader.cli.places import find_settings
from grader.intake.notebook import clean
from grader.intake.tree import Tree
from grader.sandbox.docker import Engine
from grader.sandbox.images import build_all

REQUIREMENTS = Path(__file__).parent.parent / "requirements" / "bench.txt"

SETUP = "import numpy as np"
SOLUTIONS = {
    "squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
    "total": "def total(n):\n    return sum(squares(n))",
    "spread": "def spread(values):\n    return float(np.std(values))",
}
TESTS = {
    "squares": "assert squares(1) == [1]\nassert squares(4) == [1, 4, 9, 16]",
    "total": "assert total(1) == 1\nassert total(10) == 385",
    "spread": "assert spread([1, 1]) == 0\nassert abs(spread([1, 3]) - 1) < 1e-9",
}
RUBRIC = """\
rubric: 1
id: notebook
version: 1
title: Benchmark
sandbox: python-ml
submission: {accepts: [notebook]}
criteria:
"""


def cell(source: str, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    made = {"cell_type": kind, "metadata": metadata, "source": source}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made


def notebook(*cells: dict[str, Any]) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    numbered = [{"id": f"c{n}", **c} for n, c in enumerate(cells)]
    return json.dumps({"cells": numbered, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


class Ours:
    """The suite and the submission for Grader."""

    name = "notebook"
    tree = Tree("notebook", {"work.ipynb": clean(notebook(cell(SETUP), *map(cell, SOLUTIONS.values())).encode())})

    @property
    def suite(self) -> dict[str, str]:
        tests = {
            f"tests/test_{name}.py": f"def test_{name}(submission):\n    {name} = submission.notebook[{name!r}]\n    "
            + TESTS[name].replace("\n", "\n    ")
            for name in TESTS
        }
        rows = [f"  - {{id: {n}, title: {n}, points: 2, tests: tests/test_{n}.py}}\n" for n in TESTS]
        return {"rubric.yaml": RUBRIC + "".join(rows), **tests}


def peers(folder: Path) -> Path:
    """`bin` of an environment with the peers, made when it is not there."""
    python = folder / "bin" / "python"
    stamp = folder / "done"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
        subprocess.run([*command, REQUIREMENTS], check=True)
        stamp.touch()
    return folder / "bin"


def command(*words: str | Path, cwd: Path) -> float:
    """Seconds of a command that must succeed; what it starts in turn is found beside it."""
    environment = {**os.environ, "PATH": f"{Path(words[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    begun = time.monotonic()
    done = subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"error: {' '.join(map(str, words))}:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.monotonic() - begun


def prepare_nbgrader(binaries: Path, course: Path) -> Callable[[], float]:
    """A course with one assignment and one student's work in it."""

    def graded(name: str, source: str, **flags: Any) -> dict[str, Any]:
        base = {
            "schema_version": 3,
            "grade_id": name,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
        }
        return cell(source, nbgrader={**base, **flags})

    def cells(solution: Callable[[str], str]) -> str:
        rows = [cell(SETUP)]
        for name in SOLUTIONS:
            rows.append(graded(name, solution(name), solution=True))
            rows.append(graded(f"test_{name}", TESTS[name], grade=True, locked=True, points=2))
        return notebook(*rows)

    source = course / "source" / "ps1" / "work.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(cells(lambda name: f"### BEGIN SOLUTION\n{SOLUTIONS[name]}\n### END SOLUTION"))
    command(binaries / "nbgrader", "generate_assignment", "ps1", cwd=course)
    handed_in = course / "submitted" / "ada" / "ps1" / "work.ipynb"
    handed_in.parent.mkdir(parents=True)
    released = json.loads((course / "release" / "ps1" / "work.ipynb").read_text())
    for one in released["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id")
        if name in SOLUTIONS:
            one["source"] = SOLUTIONS[name]
    handed_in.write_text(json.dumps(released))

    def run() -> float:
        seconds = command(binaries / "nbgrader", "autograde", "ps1", "--force", "--student", "ada", cwd=course)
        executed = (course / "autograded" / "ada" / "ps1" / "work.ipynb").read_text()
        if '"output_type": "error"' in executed:
            raise SystemExit("error: nbgrader gave no full marks")
        return seconds

    return run


def prepare_otter(binaries: Path, folder: Path) -> Callable[[], float]:
    """An assignment made by otter assign, and a student's notebook."""
    rows = [cell("# ASSIGNMENT CONFIG\ninit_cell: true\nexport_cell: false", "raw"), cell(SETUP)]
    for name, solution in SOLUTIONS.items():
        rows += [
            cell(f"# BEGIN QUESTION\nname: {name}\npoints: 2", "raw"),
            cell("# BEGIN SOLUTION", "raw"),
            cell(
                f"{solution.splitlines()[0]}\n" + "\n".join(f"{line} # SOLUTION" for line in solution.splitlines()[1:])
            ),
            cell("# END SOLUTION", "raw"),
            cell("# BEGIN TESTS", "raw"),
            *[cell(line) for line in TESTS[name].splitlines()],
            cell("# END TESTS", "raw"),
            cell("# END QUESTION", "raw"),
        ]
    folder.mkdir()
    (folder / "work.ipynb").write_text(notebook(*rows))
    command(binaries / "otter", "assign", "work.ipynb", "dist", "--no-run-tests", cwd=folder)
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    solved = folder / "dist" / "autograder" / "work.ipynb"
    handed_in = folder / "handed-in" / "work.ipynb"
    handed_in.parent.mkdir()
    handed_in.write_bytes(solved.read_bytes())

    def run() -> float:
        seconds = command(binaries / "otter", "run", "-a", archive, "-o", folder, "--no-logo", handed_in, cwd=folder)
        tests = json.loads((folder / "results.json").read_text())["tests"]
        if sum(test.get("score", 0) for test in tests if "score" in test) < 6:
            raise SystemExit("error: otter gave no full marks")
        return seconds

    return run


def prepare_nbclient(binaries: Path, folder: Path) -> Callable[[], float]:
    """The student's cells and then the tests, executed in one kernel; nothing is judged."""
    folder.mkdir()
    cells = [SETUP, *SOLUTIONS.values(), *TESTS.values()]
    (folder / "work.ipynb").write_text(notebook(*map(cell, cells)))
    program = "import nbclient, nbformat; nbclient.execute(nbformat.read('work.ipynb', 4))"
    return lambda: command(binaries / "python", "-c", program, cwd=folder)


def measure(ways: dict[str, Callable[[], float]], runs: int, pause: float) -> dict[str, list[float]]:
    """Seconds of each way, in turn, after two runs of each that do not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-2, runs):
        for name, way in ways.items():
            time.sleep(pause)
            took = way()
            if number >= 0:
                seconds[name].append(round(took, 4))
    return seconds


def main() -> None:
    """Measure, print, and write var/bench-notebooks.json."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", "--runs", type=int, default=7, help="of each way (default: 7)")
    options.add_argument("--pause", type=float, default=2.0, help="seconds before each run (default: 2)")
    options.add_argument("--only", action="append", default=[], help="only this way; may be repeated")
    given = options.parse_args()
    project, console = find_settings(), Console()
    engine = Engine()
    build_all(project.sandboxes, console.print, engine)
    engine.close()
    binaries = peers(project.home.resolve() / "bench-peers")
    ours = Ours()
    with (
        tempfile.TemporaryDirectory(prefix="gb") as scratch,
        running(project, Path(scratch, "grader"), [ours]) as grader,
    ):
        folder = Path(scratch)
        ways = _ways(binaries, folder, grader, ours)
        chosen = {name: way for name, way in ways.items() if not given.only or name in given.only}
        seconds = measure(chosen, given.runs, given.pause)
    _show(console, seconds)
    report = {"runs": given.runs, "pause": given.pause, "seconds": seconds}
    (project.home / "bench-notebooks.json").write_text(json.dumps(report, indent=2) + "\n")


def _ways(binaries: Path, folder: Path, grader: Grader, ours: Ours) -> dict[str, Callable[[], float]]:
    return {
        "nbgrader autograde": prepare_nbgrader(binaries, folder / "course"),
        "otter run": prepare_otter(binaries, folder / "otter"),
        "bare nbclient": prepare_nbclient(binaries, folder / "nbclient"),
        "grader": partial(grader.grade, ours),
    }


def _show(console: Console, seconds: dict[str, list[float]]) -> None:
    table = Table("way", "median", "slowest", "of nbgrader", box=None, header_style="bold")
    base = statistics.median(seconds.get("nbgrader autograde", [])) if "nbgrader autograde" in seconds else None
    for name, values in seconds.items():
        median = statistics.median(values)
        share = f"{median / base:.2f}" if base else ""
        table.add_row(name, f"{median:.2f} s", f"{max(values):.2f} s", share)
    console.print(table)


if __name__ == "__main__":
    main()
