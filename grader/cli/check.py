"""`grader rubric check`: does a suite give each of its examples the points that its author expects?"""

from __future__ import annotations

import threading
import uuid
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from grader.cli.grade import find_secret
from grader.cli.places import docker_sandbox, find_settings, find_suite
from grader.cli.view import Watch, err, number, out, printable
from grader.errors import BadInput, SubmissionRejected
from grader.exam.finder import module_names
from grader.exam.pipeline import Progress, grade, rejection
from grader.intake.receive import receive
from grader.intake.tree import IntakeLimits
from grader.rubric import Example, Report, Rubric, Suite, load_examples
from grader.sandbox import Sandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.doctor import modules_of_examiner

TOLERANCE = 0.005


@dataclass(frozen=True)
class Result:
    """An example and what it got."""

    example: Example
    report: Report

    @property
    def ok(self) -> bool:
        """Whether it got what it must. A rejected example has nothing, which is right where nothing is expected."""
        if self.report.outcome == "rejected":
            return not (self.example.points or self.example.at_most)
        return as_expected(self.example, self.report.points)


def as_expected(example: Example, points: float) -> bool:
    """Whether these are the points that the example must get."""
    if example.points is not None:
        return abs(points - example.points) <= TOLERANCE
    return example.at_most is not None and points <= example.at_most + TOLERANCE


def expectation(example: Example) -> str:
    """What an example must get, in words."""
    return number(example.points) if example.points is not None else f"at most {number(example.at_most or 0)}"


def run(arguments: Namespace) -> int:
    """Grade the examples and show the table; the exit status. Raises RubricError and InfrastructureError."""
    settings = find_settings()
    suite = find_suite(arguments.rubric, settings)
    examples = load_examples(suite)
    chosen = _choose(examples, arguments.example)
    secret = find_secret(settings)
    with docker_sandbox(settings, lambda line: err.print(line, style="dim")) as sandbox:
        results = _grade_all(suite, chosen, sandbox, secret, arguments.jobs)
        everything = not arguments.example
        doubts = [*warnings(suite, examples, results, sandbox)] if everything else []
    out.print(_table(results))
    for doubt in doubts:
        out.print(Text("warning: ", style="yellow").append(printable(doubt)))
    wrong = sum(not result.ok for result in results)
    rubric = suite.rubric
    verdict = f"{wrong} of {len(results)} examples differ" if wrong else f"{len(results)} examples as expected"
    out.print(Text(f"{rubric.id} v{rubric.version}: {verdict}", style="red" if wrong else "green"))
    return 1 if wrong else 0


def _choose(examples: Sequence[Example], names: Sequence[str]) -> list[Example]:
    unknown = sorted(set(names) - {example.name for example in examples})
    if unknown:
        known = ", ".join(example.name for example in examples) or "none"
        raise BadInput(f"there is no example {unknown[0]!r}", where="--example", fix=f"There are: {known}.")
    return [example for example in examples if not names or example.name in names]


def _grade_all(suite: Suite, examples: Sequence[Example], sandbox: Sandbox, secret: bytes, jobs: int) -> list[Result]:
    watch = Watch()
    lock = threading.Lock()
    done: list[str] = []

    def one(example: Example) -> Result:
        result = Result(example, _grade(suite, example, sandbox, secret))
        with lock:
            done.append(example.name)
            watch(Progress("testing", len(done), len(examples), example.name, result.report.outcome))
        return result

    with watch.running(), ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(one, example) for example in examples]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _grade(suite: Suite, example: Example, sandbox: Sandbox, secret: bytes) -> Report:
    limits = IntakeLimits(max_bytes=suite.rubric.submission.max_size)
    try:
        tree = receive(example.folder, limits)
        return grade(suite, tree, sandbox, secret=secret, job=f"check-{uuid.uuid4().hex[:12]}")
    except SubmissionRejected as error:
        return rejection(suite, error)


def _table(results: Iterable[Result]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in ("example", "expected", "got", "", "why"):
        table.add_column(title, justify="right" if title in ("expected", "got") else "left")
    for result in results:
        report = result.report
        got = number(report.points) if report.outcome == "graded" else report.outcome
        word = Text("ok", style="green") if result.ok else Text("differs", style="red")
        why = "" if result.ok else _why(report)
        table.add_row(result.example.name, expectation(result.example), got, word, Text(printable(why), style="dim"))
    return table


def _why(report: Report) -> str:
    """What cost points, shortly."""
    if report.outcome != "graded":
        return report.reason or ""
    lost = [c for c in report.criteria if c.status in ("failed", "partial")]
    return ", ".join(f"{c.id} {number(c.points)}/{number(c.max_points)}" for c in lost) or "nothing lost a point"


def warnings(
    suite: Suite, examples: Sequence[Example], results: Sequence[Result], sandbox: DockerSandbox
) -> Iterator[str]:
    """What the suite leaves untested, and traps in it."""
    yield from _missing_examples(suite.rubric, examples)
    for result in results:
        if _is_empty(result.example) and result.report.points > 0:
            yield f"the example {result.example.name} earns {number(result.report.points)} points for nothing"
    for criterion in suite.rubric.criteria:
        if criterion.visibility == "hidden" and not criterion.hint:
            yield f"criterion {criterion.id} is hidden and has no hint: a student learns nothing from losing it"
    yield from _name_clashes(suite, examples, sandbox)


def _missing_examples(rubric: Rubric, examples: Sequence[Example]) -> Iterator[str]:
    reachable = sum(criterion.points for criterion in rubric.criteria if criterion.kind != "review")
    if not any(example.points is not None and example.points >= reachable - TOLERANCE for example in examples):
        yield f"no example must get all {number(reachable)} points: nothing shows that the suite can be passed"
    if not any(_is_empty(example) for example in examples):
        yield "no example is called empty: nothing shows what handing in nothing earns"
    bad = [e for e in examples if not _is_empty(e) and _most(e) < reachable - TOLERANCE]
    if not bad:
        yield "no example is known to be bad: nothing shows that the tests catch mistakes"


def _is_empty(example: Example) -> bool:
    return example.name.partition(".")[0] == "empty"


def _most(example: Example) -> float:
    return example.points if example.points is not None else example.at_most or 0.0


def _name_clashes(suite: Suite, examples: Sequence[Example], sandbox: DockerSandbox) -> Iterator[str]:
    """Modules that the examiner would find elsewhere than where the author of the tests means."""
    theirs = module_names(suite.rubric.submission.requires) | set(_modules_of(suite, examples))
    ours = module_names(path.removeprefix("tests/") for path in suite.test_files if path.startswith("tests/"))
    taken = modules_of_examiner(sandbox, sorted(theirs | ours))
    for name in sorted(theirs & taken):
        yield f"the examiner has a module {name} itself: tests never import the student's; name it otherwise"
    for name in sorted(ours & taken):
        yield f"tests/{name} has the name of a module that the examiner has itself; name it otherwise"
    for name in sorted(theirs & ours):
        yield f"tests/ and the submission both have a module {name}: tests get the one beside them"


def _modules_of(suite: Suite, examples: Sequence[Example]) -> Iterator[str]:
    """The top-level modules of the best example: what the tests mean when they import."""
    best = max(examples, key=_most, default=None)
    if best is not None:
        yield from module_names(receive(best.folder, IntakeLimits(max_bytes=suite.rubric.submission.max_size)).files)
