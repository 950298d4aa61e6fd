"""The pytest plugin inside the examiner: fixtures, deadlines, fresh candidates, and one verdict for each test."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from grader.exam import sdk
from grader.exam.finder import SubmissionFinder, forward_seeds, module_names
from grader.exam.link import CandidateGone, Link
from grader.exam.notebook import Notebook, failure

MAX_MESSAGE = 4000
MAX_OUTPUT = 10_000
GRACE = 2.0
"""Seconds past a test's deadline until the test's own code is interrupted; the broker stops the candidate earlier."""

_BROKEN = {"broken": True, "output": ""}

Emit = Callable[[str, dict[str, Any]], None]


class TestTimeout(BaseException):
    """Raised in a test that goes on after its deadline without asking the candidate anything."""

    __test__ = False


class Exam:
    """One exam's settings, as the broker sent them."""

    def __init__(self, head: dict[str, Any], folder: Path) -> None:
        self.folder = folder
        self.files: list[str] = head["submission_files"]
        self.trust = frozenset(head["trust"])
        self.seed = bytes.fromhex(head["seed"])
        self.submission_digest: str = head["submission"]
        self.rubric_digest: str = head["rubric"]
        self.output = int(head["output"])
        self.test_time = float(head["test_time"])
        self.import_time = float(head["import_time"])
        self.selectors: list[str] = head["selectors"]
        self.fresh: list[list[str]] = head["fresh"]
        self.unseen: list[str] = head["unseen"]
        self.notebook: dict[str, Any] | None = head.get("notebook")
        """`{"path", "on_error", "timeout", "total", "cells": [{"type", "source", "tags"}]}`."""

    @property
    def test_files(self) -> list[str]:
        """The files that the selectors name: pytest gives up altogether on a node id in a file that does not import."""
        return list(dict.fromkeys(s.partition("::")[0] for s in self.selectors))

    @property
    def modules(self) -> set[str]:
        return module_names(self.files)


def matches(test: str, selector: str) -> bool:
    """Whether a test id is, or lies below, a file or node id."""
    return test == selector or test.startswith((selector + "::", selector + "["))


class ExamPlugin:
    """Runs with pytest's own plugins; `emit(kind, data)` sends "started" and "verdict" records to the broker."""

    def __init__(self, exam: Exam, link: Link, emit: Emit) -> None:
        self._exam = exam
        self._link = link
        self._emit = emit
        self._group: int | None = None
        self._now: dict[str, Any] = {}
        self._notebook = Notebook(link, exam.notebook) if exam.notebook else None
        self._executed = 0
        """The candidate's life in which the notebook was executed last; 0 for none, -1 when it may not be again."""

    def pytest_configure(self, config: pytest.Config) -> None:
        import sys

        config.addinivalue_line("markers", "points(n): weight of the test inside its criterion")
        config.addinivalue_line("markers", "timeout(seconds): time this test may take")
        sys.meta_path.insert(0, SubmissionFinder(self._link, self._exam.modules, any_name=config.option.collectonly))

    # collection

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        link = self._link
        if link.gone is not None:
            self._revive()
        link.collecting = True
        link.deadline = time.monotonic() + self._exam.import_time
        link.printed.clear()
        try:
            report = yield
        finally:
            link.collecting = False
            link.deadline = float("inf")
        if report.failed:
            status = link.gone.reason if link.gone else "failed"
            text = link.gone.detail if link.gone else f"{_importing(report)}\n{link.trace[1]}".strip()
            self._emit("broken", {**_BROKEN, "id": report.nodeid, "status": status, "message": text})
        elif report.skipped:
            self._emit("broken", {**_BROKEN, "id": report.nodeid, "status": "failed", "message": "skipped"})
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        exam = self._exam
        items[:] = [i for i in items if any(matches(i.nodeid, one) for one in exam.selectors)]
        # Last what students do not see: code could remember its inputs and print them in a test that they do see.
        items.sort(key=lambda i: any(matches(i.nodeid, one) for one in exam.unseen))
        self._emit("collected", {"tests": [manifest_entry(i) for i in items]})

    # running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._emit("started", {"id": item.nodeid})
        self._prepare(item)
        seconds = self._time_of(item)
        self._link.deadline = time.monotonic() + seconds
        self._now = {"id": item.nodeid, "failures": [], "passed": False, "metrics": {}}
        started = time.monotonic()
        signal.signal(signal.SIGALRM, self._alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE, 0.5)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._link.deadline = float("inf")
            self._emit("verdict", self._verdict(time.monotonic() - started))

    def _prepare(self, item: pytest.Item) -> None:
        forward_seeds(self._link)
        group = next((n for n, s in enumerate(self._exam.fresh) if any(matches(item.nodeid, one) for one in s)), None)
        if self._link.gone is not None or group != self._group:
            self._revive()
        self._group = group
        self._link.printed.clear()
        self._link.trace = ("", "")
        self._link.crossed = ""
        if self._notebook is not None:
            self._execute(self._notebook)
            self._notebook.looked_at.clear()

    def _execute(self, notebook: Notebook) -> None:
        """Execute the notebook, once in each life of the candidate; never again when it ended the candidate."""
        link, spec = self._link, self._exam.notebook
        if spec is None or link.gone is not None or self._executed in (-1, link.life):
            return
        first, self._executed = self._executed == 0, link.life
        job = {**{k: spec[k] for k in ("cells", "on_error", "timeout", "total")}, "output": self._exam.output}
        link.deadline = time.monotonic() + spec["total"] + GRACE * 3
        try:
            record = notebook.read(link.request({"op": "notebook", "path": spec["path"]}, v=job))
        except CandidateGone as gone:
            record = notebook.read(_lost(gone.reason, gone.detail, len(spec["cells"])))
            self._executed = -1
            self._revive()
        except Exception as error:  # whatever the submission made of the process that should execute it
            record = notebook.read(_lost("failed", f"{type(error).__name__}: {error}", len(spec["cells"])))
        finally:
            link.deadline = float("inf")
            link.printed.clear()
        if first:
            self._emit("executed", record)

    def _revive(self) -> None:
        try:
            self._link.revive()
        except CandidateGone:
            return  # `gone` is set again: the test that needs the candidate says so

    def _time_of(self, item: pytest.Item) -> float:
        mark = item.get_closest_marker("timeout")
        return float(mark.args[0]) if mark and mark.args else self._exam.test_time

    def _alarm(self, *_: Any) -> None:
        if not self._link.busy:
            raise TestTimeout("the time of this test is used up")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        now = self._now
        if report.failed:
            now["failures"].append(_text(report) + _trace(report, self._link.trace))
        elif report.skipped or hasattr(report, "wasxfail"):
            reason = "expected to fail" if hasattr(report, "wasxfail") else "skipped"
            now["failures"].append(f"{reason}: only a test that runs and passes earns points")
        elif report.when == "call":
            now["passed"] = True

    def _verdict(self, seconds: float) -> dict[str, Any]:
        now, gone = self._now, self._link.gone
        if self._link.crossed and not now["failures"]:
            now["failures"].append(self._link.crossed)
        passed = now["passed"] and not now["failures"] and gone is None
        message = "\n".join(now["failures"])[:MAX_MESSAGE]
        status = "passed" if passed else "failed"
        if gone is not None:
            status, message = gone.reason, gone.detail
        elif "TestTimeout" in message and seconds >= GRACE:
            status, message = "timeout", "the time of this test is used up"
        verdict = {"id": now["id"], "status": status, "seconds": round(seconds, 6), "message": message}
        if self._notebook is not None:
            verdict["cells"] = sorted(self._notebook.looked_at)
        return {**verdict, "output": self._output(), "metrics": now["metrics"] if passed else {}}

    def _output(self) -> str:
        text, most = "".join(self._link.printed), min(MAX_OUTPUT, self._exam.output)
        return text if len(text) <= most else text[:most] + "\n[output cut here]"

    # fixtures

    @pytest.fixture
    def metric(self) -> sdk.Metric:
        """Record a number that a `metric` criterion judges: `metric("rmse", 0.3)`."""
        metrics = self._now["metrics"]

        def record(name: str, value: float) -> None:
            metrics[name] = sdk.finite(name, value)

        return record

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Any:
        """A random generator seeded from a secret, the submission and the test: fresh inputs, repeatable regrade."""
        exam = self._exam
        seed = sdk.seed_bytes(exam.seed, exam.submission_digest, exam.rubric_digest, request.node.nodeid)
        return sdk.make_rng(seed)

    @pytest.fixture(scope="session")
    def data(self) -> Path:
        """The rubric's data/ folder."""
        return self._exam.folder / "data"

    @pytest.fixture(scope="session")
    def submission(self) -> sdk.Submission:
        """The student's files and programs."""
        return sdk.Submission(self._link, self._exam.files, self._notebook)


def _lost(reason: str, detail: str, cells: int) -> bytes:
    """The answer of an execution that gave none."""
    record = failure(f"the notebook could not be executed to its end: {detail}", cells)
    return json.dumps({**record, "status": "timeout" if reason == "timeout" else "failed"}).encode()


def manifest_entry(item: pytest.Item) -> dict[str, Any]:
    """A test's id and its weight, 1 unless `@pytest.mark.points(n)` says otherwise."""
    mark = item.get_closest_marker("points")
    return {"id": item.nodeid, "points": float(mark.args[0]) if mark and mark.args else 1.0}


def _importing(report: Any) -> str:
    """Why a test file could not be imported, without pytest's frames: most often what the submission lacks."""
    lines = [line[1:].strip() for line in _text(report).splitlines() if line.startswith("E ")]
    return "\n".join(lines).replace(" (unknown location)", "") or _text(report)


def _trace(report: Any, trace: tuple[str, str]) -> str:
    """Where in the submission it went wrong, when what failed the test is the exception raised there."""
    crash = getattr(report.longrepr, "reprcrash", None)
    raised = "" if crash is None else crash.message.partition(":")[0].rpartition(".")[2]
    return f"\n{trace[1]}" if trace[1] and raised == trace[0] else ""


def _text(report: Any) -> str:
    text = str(report.longreprtext) or str(getattr(report, "longrepr", ""))
    return text[-MAX_MESSAGE:]


__all__ = ["Exam", "ExamPlugin", "TestTimeout", "manifest_entry", "matches"]
