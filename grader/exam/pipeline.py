"""Rubric + submission + sandbox -> report: the whole of grading, knowing no web, queue or database."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from grader import __version__
from grader.errors import ExamError, GraderError, InfrastructureError, SubmissionRejected
from grader.exam import executed, protocol
from grader.exam.broker import Broker, Outcome
from grader.exam.finder import module_names
from grader.exam.protocol import Kind
from grader.intake import Tree
from grader.rubric import (
    CriterionResult,
    Environment,
    ManifestEntry,
    Report,
    Rubric,
    RubricRef,
    SubmissionRef,
    Suite,
    Timing,
    Verdict,
    quality,
    score,
    total,
)
from grader.rubric.score import matches
from grader.sandbox import Container, ContainerSpec, Sandbox

log = logging.getLogger(__name__)

IMPORT_TIME = 60
"""Seconds a submission's modules may take to import, when the whole exam may take longer."""
EXAMINER_MEMORY = 1536 * 1024 * 1024
KEPT_LOG = 256 * 1024
"""Bytes of a log that are kept: its beginning and its end."""
START_SECONDS = 30
"""Allowed for containers to start, beside the rubric's own time."""

Stage = Literal["intake", "starting", "collecting", "testing", "scoring", "done"]


@dataclass(frozen=True)
class Progress:
    """Where a grading is: `done` of `total` tests; `test`, its `status` and `criterion` when one has just ended."""

    stage: Stage
    done: int = 0
    total: int = 0
    test: str | None = None
    status: str | None = None
    criterion: str | None = None


Watch = Callable[[Progress], None]
Keep = Callable[[str, bytes], None]


def check_submission(rubric: Rubric, tree: Tree) -> None:
    """Raise SubmissionRejected when the rubric cannot grade this tree, saying what is missing or in the way."""
    accepts = rubric.submission.accepts
    notebook = executed.notebook_of(rubric, tree)
    if tree.kind not in accepts and notebook is None:
        raise SubmissionRejected(
            f"this is a {tree.kind}, and the assignment takes a {' or a '.join(accepts)}", fix="Hand in the right kind."
        )
    executed.candidate_files(tree, notebook)
    missing = tree.missing(rubric.submission.requires)
    if missing:
        there = ", ".join(sorted(tree.files)[:10]) or "nothing"
        raise SubmissionRejected(
            f"{', '.join(missing)} is missing from the submission (there: {there})",
            where=missing[0],
            fix=f"Put {', '.join(missing)} at the top level of what you hand in; names are case-sensitive.",
        )
    if "grader" in module_names(tree.files):
        raise SubmissionRejected(
            "the submission has a top-level module named `grader`, a name the grader itself needs",
            where="grader",
            fix="Rename it.",
        )


def rejection(suite: Suite, error: SubmissionRejected, tree: Tree | None = None) -> Report:
    """The report of a submission that cannot be graded."""
    return _ungraded("rejected", suite, error, tree)


def failure(suite: Suite, error: InfrastructureError, tree: Tree | None = None) -> Report:
    """The report of an exam that we could not hold: never the student's zero."""
    return _ungraded("failed", suite, error, tree)


def _ungraded(outcome: Literal["rejected", "failed"], suite: Suite, error: GraderError, tree: Tree | None) -> Report:
    now = time.time()
    return Report(
        outcome=outcome,
        reason=str(error),
        max_points=suite.rubric.max_points,
        rubric=RubricRef(id=suite.rubric.id, version=suite.rubric.version, digest=suite.digest),
        submission=_reference(tree) if tree else SubmissionRef(),
        environment=Environment(grader=__version__),
        timing=Timing(started=now, graded=now),
    )


def grade(
    suite: Suite,
    tree: Tree,
    sandbox: Sandbox,
    *,
    secret: bytes,
    job: str,
    on_progress: Watch = lambda progress: None,
    on_artifact: Keep = lambda name, content: None,
    queued: float | None = None,
) -> Report:
    """Grade one submission.

    `secret` keys the seeds of randomised tests; `job` labels the containers. `queued` is a Unix time. `on_artifact` is
    given what is worth keeping beside the report: the executed `notebook.ipynb`, checked and without anything that
    nbformat does not know, and for staff `candidate.log` and `examiner.log`, what either printed to its standard error.
    Raises SubmissionRejected before anything runs; SandboxError and ExamError when we failed.
    """
    started = time.time()
    rubric = suite.rubric
    check_submission(rubric, tree)
    seed = hmac.new(secret, f"{tree.digest}\n{suite.digest}".encode(), hashlib.sha256).hexdigest()
    on_progress(Progress("starting"))
    outcome = Outcome()
    images: tuple[str | None, str | None] = (None, None)
    notebook = executed.notebook_of(rubric, tree)
    files = executed.candidate_files(tree, notebook)
    if _selectors(rubric):
        given = _Given(suite, tree, files, notebook, seed, job)
        outcome, images = _examine(given, sandbox, on_progress=on_progress)
    on_progress(Progress("scoring"))
    criteria = _judge(suite, files, notebook, outcome)
    if notebook and outcome.notebook and (content := executed.executed(files[notebook], outcome.notebook)):
        on_artifact("notebook.ipynb", content)
    for name, log in (("candidate.log", outcome.candidate_log), ("examiner.log", outcome.examiner_log)):
        if log:
            on_artifact(name, _capped(log))
    points, most, percent, passed = total(criteria, rubric.pass_mark)
    on_progress(Progress("done"))
    return Report(
        outcome="graded",
        points=points,
        max_points=most,
        percent=percent,
        passed=passed,
        rubric=RubricRef(id=rubric.id, version=rubric.version, digest=suite.digest),
        submission=_reference(tree),
        criteria=criteria,
        notebook=executed.result(notebook, outcome.notebook) if notebook and outcome.notebook else None,
        environment=Environment(
            image=images[0],
            examiner_image=images[1],
            seed=seed,
            transcript=outcome.transcript or None,
            grader=__version__,
        ),
        timing=Timing(queued=started if queued is None else queued, started=started, graded=time.time()),
    )


def _capped(log: bytes) -> bytes:
    left_out = len(log) - KEPT_LOG
    if left_out <= 0:
        return log
    half = KEPT_LOG // 2
    return b"%b\n[... %d bytes left out ...]\n%b" % (log[:half], left_out, log[-half:])


def _reference(tree: Tree) -> SubmissionRef:
    return SubmissionRef(kind=tree.kind, digest=tree.digest, commit=tree.commit)


def _selectors(rubric: Rubric) -> list[str]:
    """Files and node ids that the rubric's criteria name, each once, in its order."""
    found = dict.fromkeys(selector for criterion in rubric.criteria for selector in criterion.selectors)
    return [s for s in found if not any(s != other and matches(other, s) for other in found)]


@dataclass(frozen=True)
class _Given:
    """What an exam is held with. `files` are the candidate's, `notebook` is the path of the one to execute."""

    suite: Suite
    tree: Tree
    files: Mapping[str, bytes]
    notebook: str | None
    seed: str
    job: str


def _job(given: _Given) -> bytes:
    suite, path = given.suite, given.notebook
    limits = suite.rubric.limits
    head = {
        "submission_files": list(given.files),
        "submission": given.tree.digest,
        "rubric": suite.digest,
        "trust": list(suite.rubric.trust),
        "seed": given.seed,
        "test_time": limits.test_time,
        "output": limits.output,
        "import_time": min(limits.time, max(limits.test_time, IMPORT_TIME)),
        "selectors": _selectors(suite.rubric),
        "fresh": [c.selectors for c in suite.rubric.criteria if c.fresh],
        "unseen": [t for c in suite.rubric.criteria if c.visibility != "visible" for t in c.selectors],
        "notebook": executed.examiner_spec(suite.rubric, path, given.files[path]) if path else None,
    }
    return protocol.pack_files(head, {**suite.test_files, **executed.cell_tests(suite.rubric)})


def _specs(rubric: Rubric, job: str, *, kernel: bool) -> tuple[ContainerSpec, ContainerSpec]:
    limits = rubric.limits
    lifetime = float(limits.time + START_SECONDS + 60)
    candidate = ContainerSpec(
        role="candidate",
        image=rubric.sandbox,
        job=job,
        memory=limits.memory,
        cpus=limits.cpus,
        disk=limits.disk,
        processes=limits.processes,
        lifetime=lifetime,
        kernel=kernel,
    )
    examiner = ContainerSpec(
        role="examiner",
        image="examiner",
        job=job,
        memory=EXAMINER_MEMORY,
        cpus=1.0,
        disk=512 * 1024 * 1024,
        processes=128,
        lifetime=lifetime,
    )
    return examiner, candidate


def _start_both(sandbox: Sandbox, specs: tuple[ContainerSpec, ContainerSpec]) -> tuple[Container, Container]:
    """Start examiner and candidate side by side. Raises SandboxError, leaving neither behind."""
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(sandbox.start, spec) for spec in specs]
    started = [f.result() for f in futures if f.exception() is None]
    if len(started) < len(specs):
        for container in started:
            container.end()
        raise next(error for f in futures if (error := f.exception()) is not None)
    return started[0], started[1]


def _examine(given: _Given, sandbox: Sandbox, *, on_progress: Watch) -> tuple[Outcome, tuple[str, str]]:
    suite = given.suite
    specs = _specs(suite.rubric, given.job, kernel=given.notebook is not None)
    examiner, candidate = _start_both(sandbox, specs)
    on_progress(Progress("collecting"))
    broker = Broker(
        examiner,
        lambda: sandbox.start(specs[1]),
        given.files,
        seconds=suite.rubric.limits.time,
        max_log=suite.rubric.limits.output,
        on_frame=_Ticker(suite.rubric, on_progress),
    )
    outcome = broker.run(_job(given), candidate)
    if outcome.manifest is None and not outcome.verdicts and not outcome.out_of_time:
        raise ExamError(f"the examiner found no test: {outcome.examiner_log[-2000:].decode(errors='backslashreplace')}")
    return outcome, (candidate.image_id, examiner.image_id)


class _Ticker:
    """Turns the examiner's records into progress."""

    def __init__(self, rubric: Rubric, watch: Watch) -> None:
        self._rubric = rubric
        self._watch = watch
        self._total = 0
        self._done = 0

    def __call__(self, kind: Kind, data: dict[str, Any]) -> None:
        if kind == Kind.MANIFEST:
            self._total = len(data["tests"])
            self._watch(Progress("testing", 0, self._total))
        elif kind == Kind.VERDICT and "::" in data["id"]:
            self._done += 1
            criterion = next((c.id for c in self._rubric.criteria if _covers(self._rubric, c.id, data["id"])), None)
            self._watch(Progress("testing", self._done, self._total, data["id"], data["status"], criterion))


def _covers(rubric: Rubric, criterion: str, test: str) -> bool:
    return any(matches(s, test) for s in rubric.criterion(criterion).selectors)


def _judge(suite: Suite, files: Mapping[str, bytes], notebook: str | None, outcome: Outcome) -> list[CriterionResult]:
    manifest = [ManifestEntry(t["id"], t["points"]) for t in outcome.manifest or ()]
    verdicts = _verdicts(manifest, outcome)
    issues = {c.id: quality.check(files, c.quality) for c in suite.rubric.criteria if c.quality}
    results = score(suite.rubric, manifest, verdicts, issues)
    if notebook is None:
        return results
    tags = {c.id: c.tag for c in suite.rubric.criteria}
    return [r.model_copy(update={"cells": executed.tagged(files[notebook], tags[r.id])}) for r in results]


def _verdicts(manifest: list[ManifestEntry], outcome: Outcome) -> Mapping[str, Verdict]:
    """Verdicts by test id: the first for each; a file that broke while it was imported speaks for its tests."""
    listed = [entry.id for entry in manifest]
    found: dict[str, Verdict] = {}
    broken: dict[str, Verdict] = {}
    for data in outcome.verdicts:
        verdict = Verdict(
            id=data["id"],
            status=data["status"],
            seconds=data.get("seconds", 0.0),
            message=data["message"],
            output=data.get("output", ""),
            metrics=data.get("metrics", {}),
            cells=tuple(data.get("cells", ())),
        )
        if data.get("broken"):
            broken.setdefault(verdict.id, verdict)
        elif verdict.id in listed:
            found.setdefault(verdict.id, verdict)
    if outcome.running in listed and outcome.running not in found and outcome.running is not None:
        found[outcome.running] = Verdict(outcome.running, "timeout", message="the time of the exam was used up")
    for test in listed:
        cause = next((v for name, v in broken.items() if name == "" or matches(name, test)), None)
        if test not in found and cause is not None:
            found[test] = Verdict(test, cause.status, message=cause.message, output=cause.output)
    return found


__all__ = ["Progress", "check_submission", "failure", "grade", "log", "rejection"]
