"""Turns verdicts into points. Pure: the same rubric, tests and verdicts always give the same marks.

What earns is declared by the rubric and by the manifest of collected tests. A test without a verdict earns nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.errors import ExamError, RubricError
from grader.rubric.model import Criterion, MetricSpec, Quality, Rubric
from grader.rubric.quality import QualityIssue
from grader.rubric.report import (
    CriterionResult,
    CriterionStatus,
    MetricResult,
    TestResult,
    TestStatus,
)

_LISTED = 20


@dataclass(frozen=True)
class ManifestEntry:
    """A test that the examiner collected; `points` is its `@pytest.mark.points(n)` weight, None without one."""

    id: str
    points: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What the examiner says of one test. `points` is its weight where the manifest gives none."""

    id: str
    status: TestStatus
    seconds: float = 0.0
    message: str = ""
    output: str = ""
    points: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    cells: tuple[int, ...] = ()


class Total(NamedTuple):
    """A report's sum: points, and percent of them with two decimals."""

    points: float
    max_points: float
    percent: float
    passed: bool


def score(
    rubric: Rubric,
    manifest: Sequence[ManifestEntry],
    verdicts: Mapping[str, Verdict],
    issues: Mapping[str, Sequence[QualityIssue]],
) -> list[CriterionResult]:
    """The result of every criterion, in the rubric's order.

    Args:
        manifest: the collected tests, in the order they are to be shown.
        verdicts: by test id; ids that the manifest lacks are ignored.
        issues: by criterion id, for every `quality` criterion.

    Raises:
        RubricError: a test's weight is negative or not a number, or all weights of a criterion are 0.
        ExamError: the issues of a `quality` criterion are missing.
    """
    return [_score(criterion, manifest, verdicts, issues) for criterion in rubric.criteria]


def total(criteria: Sequence[CriterionResult], pass_mark: float) -> Total:
    """Adds up. Passed takes at least `pass_mark` percent and no criterion still pending."""
    most = round(math.fsum(criterion.max_points for criterion in criteria), 4)
    points = min(most, round(math.fsum(criterion.points for criterion in criteria), 4))
    percent = round(100 * points / most, 2) if most else 0.0
    pending = any(criterion.status == "pending" for criterion in criteria)
    return Total(points, most, percent, percent >= pass_mark and not pending)


def matches(selector: str, test: str) -> bool:
    """Whether a criterion's file, class, test or parametrised test id takes in a collected test id."""
    if test == selector or test.startswith(f"{selector}::"):
        return True
    return "::" in selector and test.startswith(f"{selector}[")


def mark_review(criterion: Criterion, level: str) -> CriterionResult:
    """The result of a review criterion once a person has picked a level by its name.

    Raises:
        KeyError: the criterion has no such level.
    """
    for choice in criterion.review.levels if criterion.review else ():
        if choice.name == level:
            return _result(criterion, choice.points / criterion.points, detail=choice.name)
    raise KeyError(level)


def _score(
    criterion: Criterion,
    manifest: Sequence[ManifestEntry],
    verdicts: Mapping[str, Verdict],
    issues: Mapping[str, Sequence[QualityIssue]],
) -> CriterionResult:
    if criterion.tests is not None or criterion.cells is not None:
        return _score_tests(criterion, criterion.selectors, manifest, verdicts)
    if criterion.metric is not None:
        return _score_metric(criterion, criterion.metric, manifest, verdicts)
    if criterion.quality is not None:
        if criterion.id not in issues:
            raise ExamError(f"the quality of criterion `{criterion.id}` was not checked")
        return _score_quality(criterion, criterion.quality, issues[criterion.id])
    return _result(criterion, 0.0, status="pending", detail="waits for a reviewer")


def _score_tests(
    criterion: Criterion,
    selectors: Sequence[str],
    manifest: Sequence[ManifestEntry],
    verdicts: Mapping[str, Verdict],
) -> CriterionResult:
    entries = _collected(selectors, manifest)
    tests = _tests(selectors, entries, verdicts)
    weights = {test.id: 1.0 for test in tests}  # of a selector that found no test
    weights |= {entry.id: _weight(criterion, entry, verdicts.get(entry.id)) for entry in entries}
    if not any(weights.values()):
        raise RubricError("all of its tests weigh 0 points", where=f"criterion {criterion.id}")
    earned = [weights[test.id] for test in tests if test.status == "passed"]
    share = math.fsum(earned) / math.fsum(weights.values())
    passed = sum(test.status == "passed" for test in tests)
    if passed < len(tests):
        share = 0.0 if criterion.all_or_nothing else share
    return _result(criterion, share, tests=tests, detail=f"{passed} of {len(tests)} tests passed")


def _score_metric(
    criterion: Criterion, spec: MetricSpec, manifest: Sequence[ManifestEntry], verdicts: Mapping[str, Verdict]
) -> CriterionResult:
    entries = _collected([spec.test], manifest)
    tests = _tests([spec.test], entries, verdicts)
    value = _measured(spec, tests, verdicts)
    metric = MetricResult(name=spec.name, value=value, goal=spec.goal)
    if value is None:
        return _result(criterion, 0.0, tests=tests, metric=metric, detail=f"{spec.name} was not measured")
    met = [b.points for b in spec.bands if (value <= b.at if spec.goal == "lower" else value >= b.at)]
    detail = f"{spec.name} is {value:.6g}"
    return _result(criterion, max(met, default=0.0) / criterion.points, tests=tests, metric=metric, detail=detail)


def _measured(spec: MetricSpec, tests: Sequence[TestResult], verdicts: Mapping[str, Verdict]) -> float | None:
    """The value all of the tests vouch for: of a parametrised test's values the worst; None if one is missing."""
    if any(test.status != "passed" for test in tests):
        return None
    values = [verdicts[test.id].metrics.get(spec.name, math.nan) for test in tests]
    if not all(math.isfinite(value) for value in values):
        return None
    return float(max(values) if spec.goal == "lower" else min(values))


def _score_quality(criterion: Criterion, spec: Quality, issues: Sequence[QualityIssue]) -> CriterionResult:
    count = sum(issue.count for issue in issues)
    share = max(0.0, criterion.points - spec.per_issue * count) / criterion.points
    lines = [f"{i.path}:{i.line}: {i.code} {i.message}" if i.path else i.message for i in issues[:_LISTED]]
    if len(issues) > _LISTED:
        lines.append(f"and {len(issues) - _LISTED} more")
    return _result(criterion, share, detail="\n".join(lines) or "no issues")


def _collected(selectors: Sequence[str], manifest: Sequence[ManifestEntry]) -> list[ManifestEntry]:
    unique = {entry.id: entry for entry in manifest}
    return [entry for entry in unique.values() if any(matches(selector, entry.id) for selector in selectors)]


def _tests(
    selectors: Sequence[str], entries: Sequence[ManifestEntry], verdicts: Mapping[str, Verdict]
) -> list[TestResult]:
    """A result for each collected test, and a `not_run` one for each selector that found none."""
    results = [_test(entry.id, verdicts.get(entry.id)) for entry in entries]
    empty = [s for s in dict.fromkeys(selectors) if not any(matches(s, entry.id) for entry in entries)]
    return results + [TestResult(id=s, status="not_run", message="was not collected") for s in empty]


def _test(id: str, verdict: Verdict | None) -> TestResult:
    if verdict is None:
        return TestResult(id=id, status="not_run")
    seconds = max(0.0, verdict.seconds) if math.isfinite(verdict.seconds) else 0.0
    message, output = _storable(verdict.message), _storable(verdict.output)
    return TestResult(
        id=id,
        status=verdict.status,
        seconds=round(seconds, 6),
        message=message,
        output=output,
        cells=list(verdict.cells),
    )


def _storable(text: str) -> str:
    """Text that JSON and PostgreSQL take: candidates print NUL bytes and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _weight(criterion: Criterion, entry: ManifestEntry, verdict: Verdict | None) -> float:
    declared = [entry.points, verdict.points if verdict else None, 1.0]
    weight = next(points for points in declared if points is not None)
    if not 0 <= weight <= 1_000_000:
        raise RubricError(f"{entry.id} weighs {weight} points, not 0 to 1000000", where=f"criterion {criterion.id}")
    return float(weight)


def _result(
    criterion: Criterion,
    share: float,
    *,
    status: CriterionStatus | None = None,
    detail: str = "",
    metric: MetricResult | None = None,
    tests: Sequence[TestResult] = (),
) -> CriterionResult:
    points = min(criterion.points, round(criterion.points * min(1.0, share), 4))
    earned: CriterionStatus = "passed" if share >= 1 else "partial" if points else "failed"
    return CriterionResult(
        id=criterion.id,
        title=criterion.title,
        points=points,
        max_points=criterion.points,
        status=status or earned,
        visibility=criterion.visibility,
        metric=metric,
        hint=criterion.hint,
        detail=detail,
        tests=list(tests),
    )
