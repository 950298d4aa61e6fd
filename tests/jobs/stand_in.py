"""An exam that does what solution.py says, for tests of everything around it. As a program: a worker that uses it.

Lines: `sleep S`, `wait FILE` (until it exists), `infra`, `bug`, `reject`, `die`. Every run adds a line to runs.txt.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from grader import jobs
from grader.db import queries
from grader.errors import SandboxError, SubmissionRejected
from grader.exam.pipeline import Progress
from grader.intake.tree import Tree
from grader.rubric.load import Suite
from grader.rubric.report import Environment, NotebookResult, Report, RubricRef, SubmissionRef, Timing


def examine(
    suite: Suite,
    tree: Tree,
    sandbox: object,
    *,
    job: str,
    on_progress: Callable[[Progress], None],
    on_artifact: Callable[[str, bytes], None],
    **rest: Any,
) -> Report:
    with open(Path(os.environ["GRADER_HOME"]) / "runs.txt", "a") as runs:
        runs.write(f"{job} {os.getpid()}\n")
    on_progress(Progress("starting"))
    for line in tree.files["solution.py"].decode().splitlines():
        _obey(line)
    notebook = _execute(tree, on_artifact)
    on_progress(Progress("testing", 1, 2, "tests/test_open.py::test_add", "passed", "open"))
    on_progress(Progress("testing", 2, 2, "tests/test_shut.py::test_add[7]", "failed", "shut"))
    return Report(
        outcome="graded",
        points=6,
        max_points=10,
        percent=60,
        passed=True,
        rubric=RubricRef(id=suite.rubric.id, version=suite.rubric.version, digest=suite.digest),
        submission=SubmissionRef(kind=tree.kind, digest=tree.digest, commit=tree.commit),
        notebook=notebook,
        environment=Environment(grader="0", seed=f"nul \0 and half \ud800 {os.getpid()}"),
        timing=Timing(queued=1, started=2, graded=3),
    )


def _execute(tree: Tree, on_artifact: Callable[[str, bytes], None]) -> NotebookResult | None:
    """A submission whose file begins with `#nb` left this notebook; what follows is its content."""
    word, _, rest = tree.files["solution.py"].decode().partition(" ")
    if word != "#nb":
        return None
    on_artifact("notebook.ipynb", rest.encode())
    return NotebookResult(path="work.ipynb", status="done", cells=1)


def _obey(line: str) -> None:
    word, _, rest = line.partition(" ")
    if word == "sleep":
        time.sleep(float(rest))
    elif word == "wait":
        while not Path(rest).exists():
            time.sleep(0.05)
    elif word == "infra":
        raise SandboxError("no Docker")
    elif word == "bug":
        raise KeyError("oops")
    elif word == "reject":
        raise SubmissionRejected("cannot be graded", where="solution.py", fix="Mend it.")
    elif word == "die":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # The same constants as in production, only smaller.
    queries.LEASE = timedelta(seconds=2)
    jobs.WORKER_TTL, jobs.MAINTENANCE_SECONDS, jobs.RECONCILE_SECONDS = 16, 1, 1.5
    jobs.BACKOFF = (timedelta(0), timedelta(0))
    jobs.examine = examine  # type: ignore[assignment, attr-defined]
    jobs.work(burst="burst" in sys.argv)
