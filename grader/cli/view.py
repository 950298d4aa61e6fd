"""What a person sees in the terminal. Text from submissions is shown with its control characters spelled out."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.exam.pipeline import Progress as Step
from grader.rubric import CriterionResult, Report
from grader.rubric.report import TestResult

COLOURS = {
    "passed": "green", "graded": "green", "partial": "yellow", "pending": "cyan", "failed": "red", "timeout": "red",
    "crashed": "red", "out_of_memory": "red", "not_run": "red", "rejected": "yellow",
}  # fmt: skip
MESSAGE_LINES = 8
_STAGES = {
    "intake": "reading the submission",
    "starting": "starting examiner and candidate",
    "collecting": "collecting tests",
    "testing": "testing",
    "scoring": "scoring",
    "done": "done",
}

PIPE_WIDTH = 120
"""Columns where no terminal says how wide it is."""


def _console(*, stderr: bool) -> Console:
    known = (sys.stderr if stderr else sys.stdout).isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if known else PIPE_WIDTH, highlight=False, markup=False, emoji=False)


out = _console(stderr=False)
err = _console(stderr=True)


def printable(text: str) -> str:
    """The text without characters that steer a terminal, but for line ends."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def number(value: float) -> str:
    """Points as a person writes them: 12, 7.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def say(line: str) -> None:
    """A line about what goes on, on stderr."""
    err.print(Text(printable(line), style="dim"))


class Watch:
    """Live progress of one exam on stderr; silent where nobody watches (stderr is no terminal)."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(
            *columns, TimeElapsedColumn(), console=err, transient=True, disable=not err.is_terminal
        )
        self._task = self._progress.add_task("preparing", total=None)

    @contextlib.contextmanager
    def running(self) -> Iterator[Watch]:
        with self._progress:
            yield self

    def tell(self, line: str) -> None:
        """Show what is being prepared."""
        self._progress.update(self._task, description=printable(line))
        if not err.is_terminal:
            say(line)

    def __call__(self, step: Step) -> None:
        """Take the next step of an exam."""
        words = _STAGES[step.stage]
        if step.test is not None:
            words = f"{step.status}  {printable(step.test)}"
        total = step.total or None
        self._progress.update(self._task, description=words[:80], total=total, completed=step.done)


def report_view(report: Report) -> RenderableType:
    """A report as tables: the criteria, then the tests that did not pass with their messages."""
    if report.outcome != "graded":
        return Group(_heading(report), Padding(Text(printable(report.reason or "")), (0, 2)))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("criterion")
    table.add_column("points", justify="right")
    table.add_column("")
    table.add_column("")
    for criterion in report.criteria:
        table.add_row(*_criterion_row(criterion))
    return Group(_heading(report), "", table, *_failures(report))


def _heading(report: Report) -> Text:
    heading = Text(f"{report.rubric.id} v{report.rubric.version}: ", style="bold")
    if report.outcome != "graded":
        return heading.append(report.outcome, style=COLOURS[report.outcome])
    heading.append(f"{number(report.points)} of {number(report.max_points)} points ({number(report.percent)}%), ")
    pending = any(criterion.status == "pending" for criterion in report.criteria)
    word = "passed" if report.passed else "waits for a person's marks" if pending else "not passed"
    return heading.append(word, style="green" if report.passed else "cyan" if pending else "red")


def _criterion_row(criterion: CriterionResult) -> tuple[Text, Text, Text, Text]:
    title = Text(printable(criterion.title))
    if criterion.visibility != "visible":
        title.append(f" ({criterion.visibility.replace('_', ' ')})", style="dim")
    points = Text(f"{number(criterion.points)}/{number(criterion.max_points)}")
    detail = printable(criterion.detail)
    if criterion.metric is not None and criterion.metric.value is not None and not detail:
        detail = f"{criterion.metric.name} {criterion.metric.value:.4g}"
    return title, points, Text(criterion.status, style=COLOURS[criterion.status]), Text(_clip(detail, 3), style="dim")


def _failures(report: Report) -> Iterator[RenderableType]:
    for criterion in report.criteria:
        missed = [test for test in criterion.tests if test.status != "passed"]
        if missed:
            yield ""
            yield Text(printable(criterion.title), style="bold")
            if criterion.hint:
                yield Padding(Text(f"hint: {printable(criterion.hint)}", style="cyan"), (0, 0, 0, 2))
            yield from map(_failure, missed)


def _failure(test: TestResult) -> RenderableType:
    line = (
        Text("  ").append(test.status.replace("_", " "), style=COLOURS[test.status]).append(f"  {printable(test.id)}")
    )
    if not test.message:
        return line
    return Group(line, Padding(Text(_clip(printable(test.message), MESSAGE_LINES), style="dim"), (0, 0, 0, 4)))


def _clip(text: str, most: int) -> str:
    lines = text.strip("\n").split("\n")
    more = len(lines) - most
    return "\n".join([*lines[:most], f"… {more} more lines"]) if more > 1 else "\n".join(lines)
