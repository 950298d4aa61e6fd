"""What grading a submission produced: one JSON shape for the command line, the database and the web."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.rubric.model import Visibility

TestStatus = Literal["passed", "failed", "timeout", "crashed", "out_of_memory", "not_run"]
CriterionStatus = Literal["passed", "partial", "failed", "pending"]
Outcome = Literal["graded", "rejected", "failed"]
Amount = Annotated[float, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TestResult(_Part):
    """One test. `output` is what the candidate printed meanwhile, `seconds` is wall time.

    `cells` are the places, from 0, of the notebook's cells that the test looked at.
    """

    __test__ = False  # its name would make pytest collect it

    id: str
    status: TestStatus
    seconds: Amount = 0.0
    message: str = ""
    output: str = ""
    cells: list[int] = []


class MetricResult(_Part):
    """What a metric criterion measured; `value` is null when the test did not pass or recorded nothing usable."""

    name: str
    value: float | None
    goal: Literal["lower", "higher"]


class CriterionResult(_Part):
    """One criterion. `detail` explains the points in words a student can use.

    `cells` are the places, from 0, of the notebook's cells with the tag that the rubric gives.
    """

    id: str
    title: str
    points: Amount
    max_points: Amount
    status: CriterionStatus
    visibility: Visibility = "visible"
    metric: MetricResult | None = None
    hint: str | None = None
    detail: str = ""
    tests: list[TestResult] = []
    cells: list[int] = []


class NotebookResult(_Part):
    """How the execution of the notebook went. `failed` are the places, from 0, of the cells that failed."""

    path: str
    status: Literal["done", "failed", "timeout"]
    cells: int
    failed: list[int] = []
    message: str = ""
    """The first failure, with its cell's number (from 1, as a reader counts) and the end of its traceback."""


class RubricRef(_Part):
    """The rubric that judged, by content."""

    id: str
    version: int
    digest: str


class SubmissionRef(_Part):
    """The submission that was judged, by content; null where an upload could not be read."""

    kind: Literal["repository", "notebook"] | None = None
    digest: str | None = None
    commit: str | None = None


class Environment(_Part):
    """What it takes to repeat the grade; null where no container was started."""

    image: str | None = None
    examiner_image: str | None = None
    seed: str | None = None
    transcript: str | None = None
    grader: str


class Timing(_Part):
    """Unix times in seconds; null where that moment never came."""

    queued: float | None = None
    started: float | None = None
    graded: float | None = None


class Report(_Part):
    """A grade with everything that explains it. `reason` says why an outcome is not `graded`."""

    report: Literal[1] = 1
    outcome: Outcome
    reason: str | None = None
    points: Amount = 0.0
    max_points: Amount = 0.0
    percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    passed: bool = False
    rubric: RubricRef
    submission: SubmissionRef
    criteria: list[CriterionResult] = []
    notebook: NotebookResult | None = None
    environment: Environment
    timing: Timing


def student_view(report: Report, *, after_due: bool = False) -> dict[str, Any]:
    """The report as JSON for its student, with the same keys.

    A hidden criterion, and before the due date an `after_due` one, keeps its title, points, hint and each test's name
    and status. Messages, output, parameters, the metric's value and the seconds go: what hidden code can print, or how
    long it can sleep, is a way to carry a hidden input out.
    """
    criteria = [c if _open(c, after_due) else _closed(c) for c in report.criteria]
    environment = report.environment.model_copy(update={"seed": None})
    return report.model_copy(update={"criteria": criteria, "environment": environment}).model_dump(mode="json")


def _open(criterion: CriterionResult, after_due: bool) -> bool:
    return criterion.visibility == "visible" or (criterion.visibility == "after_due" and after_due)


def _closed(criterion: CriterionResult) -> CriterionResult:
    tests = [TestResult(id=test.id.split("[", 1)[0], status=test.status) for test in criterion.tests]
    return criterion.model_copy(update={"metric": None, "detail": "", "tests": tests, "cells": []})
