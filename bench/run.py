"""Times grading against what one would do without Grader: `docker run` + pytest of the same tests, in the same minutes.

    make bench                      # or: .venv/bin/python bench/run.py -n 15

A grading is timed from the moment its job is in the queue, with an idle worker waiting there, to the moment its report
is in the database. `docker run` gets the submission and the tests as a tar on stdin and has neither walls nor limits.
Both run in turn, so that whatever else the machine does hits both; what counts is the ratio of the medians.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from grader import queue
from grader.cli.places import find_settings
from grader.cli.processes import Processes
from grader.config import Settings
from grader.db import Attempt, Database, migrate, queries
from grader.db.outbox import send
from grader.db.queries import NewSubmission
from grader.intake.store import BlobStore
from grader.intake.tree import Tree
from grader.sandbox.docker import Engine
from grader.sandbox.images import build_all

PATIENCE = 300.0

_RUBRIC = """\
rubric: 1
id: {name}
version: 1
title: Benchmark
sandbox: {sandbox}
submission: {{requires: [solution.py]}}
limits: {{test_time: 60}}
criteria:
  - {{id: works, title: Works, points: 10, tests: tests/test_solution.py}}
"""


@dataclass(frozen=True)
class Case:
    """A suite of one test file, and a submission that passes it."""

    name: str
    sandbox: str
    solution: str
    tests: str

    @property
    def tree(self) -> Tree:
        """The submission."""
        return Tree("repository", {"solution.py": self.solution.encode()})

    @property
    def suite(self) -> dict[str, str]:
        """The suite's files."""
        rubric = _RUBRIC.format(name=self.name, sandbox=self.sandbox)
        return {"rubric.yaml": rubric, "tests/test_solution.py": self.tests}


CASES = (
    Case(
        "trivial",
        "python",
        "def add(a, b):\n    return a + b\n\n\ndef mean(values):\n    return sum(values) / len(values)\n",
        "from solution import add, mean\n\n\n"
        "def test_add():\n    assert add(1, 2) == 3\n\n\n"
        "def test_mean():\n    assert mean([1, 2, 3]) == 2\n",
    ),
    Case(
        "scikit-learn",
        "python-ml",
        "from sklearn.linear_model import LogisticRegression\n\n\n"
        "def train(table, target):\n    return LogisticRegression(max_iter=200).fit(table, target)\n",
        "import numpy as np\nfrom sklearn.metrics import accuracy_score\nfrom solution import train\n\n"
        "TABLE = np.random.default_rng(1).normal(size=(200, 4))\n"
        "TARGET = (TABLE @ [1, -2, 0.5, 0] > 0).astype(int)\n\n\n"
        "def test_it_learns():\n    model = train(TABLE, TARGET)\n"
        "    assert accuracy_score(TARGET, model.predict(TABLE)) > 0.9\n\n\n"
        "def test_one_answer_a_row():\n    assert train(TABLE, TARGET).predict(TABLE[:7]).shape == (7,)\n",
    ),
)


class Gradable(Protocol):
    """A suite, and a submission that gets all of its points."""

    @property
    def name(self) -> str:
        """Id of the suite."""

    @property
    def tree(self) -> Tree:
        """The submission."""

    @property
    def suite(self) -> dict[str, str]:
        """The suite's files."""


class Grader:
    """The service without its website: queue, launcher, one worker."""

    def __init__(self, settings: Settings) -> None:
        self._database = Database(settings.sqlalchemy_url)
        self._blobs = BlobStore(settings.blob_root)
        self._redis = queue.connect(settings)

    def close(self) -> None:
        self._database.dispose()
        self._redis.close()

    def grade(self, case: Gradable) -> float:
        """Seconds from queue to stored report."""
        tree, name = case.tree, case.name
        blob = self._blobs.put(tree.tar())
        new = NewSubmission(rubric=name, suite=name, queue="high", job_timeout=int(PATIENCE), kind=tree.kind, blob=blob)
        with self._database.write() as session:
            public_id = queries.add_submission(session, new).id
        attempt = self._attempt(public_id)
        begun = time.time()
        send(self._database, attempt, partial(queue.enqueue, self._redis))
        while attempt.finished_at is None:
            if time.time() - begun > PATIENCE:
                raise SystemExit(f"error: {case.name} is not graded after {PATIENCE:.0f} s")
            time.sleep(0.02)
            attempt = self._attempt(public_id)
        if attempt.state != "graded" or (attempt.report or {}).get("percent") != 100.0:
            raise SystemExit(f"error: {case.name} ended as {attempt.state}: {attempt.reason or attempt.report}")
        return attempt.finished_at.timestamp() - begun

    def _attempt(self, public_id: str) -> Attempt:
        with self._database.read() as session:
            attempt = queries.last_attempt(session, public_id)
            assert attempt is not None
            if attempt.finished_at is not None:
                _ = attempt.report  # deferred: read while the session is open
            return attempt


def docker_run(image: str, case: Case) -> float:
    """Seconds of `docker run` + pytest."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, text in (("solution.py", case.solution), ("test_solution.py", case.tests)):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    script = "mkdir /tmp/work && cd /tmp/work && tar xf - && exec python3 -m pytest -q -p no:cacheprovider"
    command = ["docker", "run", "--rm", "-i", "--network", "none", "--entrypoint", "sh", image, "-c", script]
    begun = time.monotonic()
    done = subprocess.run(command, input=tar.getvalue(), capture_output=True, check=False)
    seconds = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(f"error: docker run: {(done.stdout + done.stderr).decode(errors='replace')[-1000:]}")
    return seconds


@contextmanager
def running(project: Settings, home: Path, cases: Sequence[Gradable]) -> Iterator[Grader]:
    """Grader on its own, in a folder of its own."""
    for case in cases:
        for name, text in case.suite.items():
            path = home / "rubrics" / case.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    own = {"home": home, "rubrics": home / "rubrics", "database_url": "", "redis_url": "", "blobs_url": ""}
    settings = project.model_copy(update={**own, "launcher": None})
    migrate(settings)
    with (
        (home / "service.log").open("ab") as log,
        queue.serving(settings) as url,
        Processes(settings, url, log) as parts,
    ):
        parts.start("launcher")
        parts.wait_for("launcher", settings.launcher_socket.exists)
        parts.start("work")
        grader = Grader(settings)
        try:
            yield grader
        finally:
            grader.close()


def measure(case: Case, ways: dict[str, Callable[[Case], float]], runs: int) -> dict[str, Any]:
    """Seconds of each way, in turn, after one run of each that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-1, runs):
        for name, way in ways.items():
            took = way(case)
            if number >= 0:
                seconds[name].append(round(took, 4))
    median = {name: statistics.median(values) for name, values in seconds.items()}
    return {"seconds": seconds, "median": median, "ratio": round(median["grader"] / median["docker run"], 3)}


def main() -> None:
    """Measure, print, and write var/bench.json."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", "--runs", type=int, default=7, help="of each way (default: 7)")
    runs = options.parse_args().runs
    project, console = find_settings(), Console()
    engine = Engine()
    image = build_all(project.sandboxes, console.print, engine)["examiner"]
    engine.close()
    results = {}
    with tempfile.TemporaryDirectory(prefix="gb") as folder, running(project, Path(folder), CASES) as grader:
        for case in CASES:
            ways: dict[str, Callable[[Case], float]] = {
                "grader": grader.grade,
                "docker run": partial(docker_run, image),
            }
            results[case.name] = measure(case, ways, runs)
    table = Table("suite", "grader", "docker run + pytest", "ratio", box=None, header_style="bold")
    for name, result in results.items():
        grader_median, docker_median = (f"{result['median'][way]:.2f} s" for way in ("grader", "docker run"))
        table.add_row(name, grader_median, docker_median, f"{result['ratio']:.2f}")
    console.print(table)
    project.home.mkdir(parents=True, exist_ok=True)
    (project.home / "bench.json").write_text(json.dumps({"runs": runs, "suites": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
