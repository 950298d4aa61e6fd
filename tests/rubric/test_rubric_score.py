from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from grader.errors import ExamError, RubricError
from grader.rubric import (
    Criterion,
    CriterionResult,
    ManifestEntry,
    QualityIssue,
    Rubric,
    Total,
    Verdict,
    mark_review,
    score,
    total,
)
from grader.rubric.quality import ALL_POINTS
from grader.rubric.report import TestStatus
from grader.rubric.score import matches

FILE = "tests/test_a.py"
STATUSES: list[TestStatus] = ["passed", "failed", "timeout", "crashed", "out_of_memory", "not_run"]


def rubric_of(*criteria: dict[str, Any]) -> Rubric:
    filled = [{"id": f"c{n}", "title": "C", "points": 10, **c} for n, c in enumerate(criteria)]
    return Rubric.model_validate(
        {"rubric": 1, "id": "a", "version": 1, "title": "A", "sandbox": "python", "submission": {}, "criteria": filled}
    )


def mark(
    criterion: dict[str, Any],
    statuses: Mapping[str, str] | None = None,
    *,
    weights: Mapping[str, float | None] | None = None,
    metrics: Mapping[str, Mapping[str, float]] | None = None,
    collected: Sequence[str] | None = None,
    issues: Sequence[QualityIssue] | None = None,
) -> CriterionResult:
    """Scores one criterion; names are test functions of FILE, or whole ids."""

    def full(name: str) -> str:
        return name if "/" in name else f"{FILE}::{name}"

    statuses, weights, metrics = statuses or {}, weights or {}, metrics or {}
    manifest = [ManifestEntry(full(n), weights.get(n)) for n in (statuses if collected is None else collected)]
    verdicts = {
        full(n): Verdict(full(n), status, 0.5, metrics=metrics.get(n, {}))  # type: ignore[arg-type]
        for n, status in statuses.items()
    }
    return score(rubric_of(criterion), manifest, verdicts, {} if issues is None else {"c0": issues})[0]


TESTS: dict[str, Any] = {"tests": FILE}


# Tests


@pytest.mark.parametrize(
    ("statuses", "points", "status"),
    [
        ({"a": "passed", "b": "passed"}, 10.0, "passed"),
        ({"a": "passed", "b": "failed"}, 5.0, "partial"),
        ({"a": "passed", "b": "failed", "c": "failed"}, 3.3333, "partial"),
        ({"a": "failed"}, 0.0, "failed"),
        ({}, 0.0, "failed"),
    ],
)
def test_points_are_the_share_of_tests_that_passed(statuses: dict[str, str], points: float, status: str) -> None:
    result = mark(TESTS, statuses)

    assert (result.points, result.max_points, result.status) == (points, 10.0, status)


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "passed"])
def test_nothing_but_passed_earns(status: str) -> None:
    assert mark(TESTS, {"a": status}).points == 0
    assert mark(TESTS, {"a": "passed", "b": status}).points == 5


def test_weights_come_from_the_marks() -> None:
    result = mark(TESTS, {"a": "passed", "b": "failed"}, weights={"a": 3, "b": None})

    assert result.points == 7.5


def test_a_verdict_gives_the_weight_only_where_the_manifest_has_none() -> None:
    ids = [f"{FILE}::a", f"{FILE}::b"]
    verdicts = {ids[0]: Verdict(ids[0], "passed", points=3.0), ids[1]: Verdict(ids[1], "failed", points=99.0)}
    manifest = [ManifestEntry(ids[0]), ManifestEntry(ids[1], 1.0)]

    assert score(rubric_of(TESTS), manifest, verdicts, {})[0].points == 7.5


def test_a_collected_test_without_verdict_was_not_run_and_earns_nothing() -> None:
    result = mark(TESTS, {"a": "passed"}, collected=["a", "b"])

    assert result.points == 5
    assert [(t.id, t.status, t.seconds) for t in result.tests] == [
        (f"{FILE}::a", "passed", 0.5),
        (f"{FILE}::b", "not_run", 0.0),
    ]


def test_a_verdict_for_a_test_that_was_not_collected_is_ignored() -> None:
    result = mark(TESTS, {"a": "failed", "made_up": "passed"}, collected=["a"])

    assert (result.points, len(result.tests)) == (0, 1)


def test_a_declared_file_without_tests_earns_nothing_and_is_named() -> None:
    result = mark({"tests": [FILE, "tests/test_gone.py"]}, {"a": "passed"})

    assert (result.points, result.status) == (5, "partial")
    assert (result.tests[1].id, result.tests[1].status) == ("tests/test_gone.py", "not_run")


def test_a_test_named_twice_counts_once() -> None:
    result = mark({"tests": [FILE, f"{FILE}::a"]}, {"a": "failed", "b": "passed"}, collected=["a", "b", "a"])

    assert (result.points, len(result.tests)) == (5, 2)


def test_all_or_nothing_takes_every_test() -> None:
    whole = {**TESTS, "all_or_nothing": True}

    assert mark(whole, {"a": "passed", "b": "passed"}).points == 10
    assert mark(whole, {"a": "passed", "b": "timeout"}).points == 0
    assert mark(whole, {"a": "passed", "b": "failed"}, weights={"b": 0}).points == 0
    assert mark(whole, {"a": "passed"}, collected=["a", "b"]).points == 0


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf, 1e300])
def test_a_weight_that_is_no_share_is_the_authors_problem(weight: float) -> None:
    with pytest.raises(RubricError, match="weighs"):
        mark(TESTS, {"a": "passed"}, weights={"a": weight})


def test_weights_that_are_all_zero_are_the_authors_problem() -> None:
    with pytest.raises(RubricError, match="weigh 0"):
        mark(TESTS, {"a": "passed"}, weights={"a": 0})


def test_a_result_carries_what_explains_it() -> None:
    id = f"{FILE}::a"
    verdicts = {id: Verdict(id, "failed", 1.23456789, "expected 1\0\ud800", "printed \0")}
    criterion = {**TESTS, "title": "Works", "hint": "read chapter 2", "visibility": "after_due"}

    result = score(rubric_of(criterion), [ManifestEntry(id)], verdicts, {})[0]

    assert (result.id, result.title, result.hint, result.visibility) == ("c0", "Works", "read chapter 2", "after_due")
    assert result.detail == "0 of 1 tests passed"
    test = result.tests[0]
    assert (test.seconds, test.message, test.output) == (1.234568, "expected 1\ufffd?", "printed \ufffd")


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -1.0])
def test_odd_seconds_become_zero(seconds: float) -> None:
    id = f"{FILE}::a"
    result = score(rubric_of(TESTS), [ManifestEntry(id)], {id: Verdict(id, "passed", seconds)}, {})[0]

    assert result.tests[0].seconds == 0


@pytest.mark.parametrize(
    ("selector", "test", "expected"),
    [
        (FILE, f"{FILE}::a", True),
        (FILE, f"{FILE}::C::a[1]", True),
        (f"{FILE}::C", f"{FILE}::C::a", True),
        (f"{FILE}::C::a", f"{FILE}::C::a", True),
        (f"{FILE}::a", f"{FILE}::a[x-1]", True),
        (f"{FILE}::a[x-1]", f"{FILE}::a[x-1]", True),
        (f"{FILE}::a[x-1]", f"{FILE}::a[x-10]", False),
        (f"{FILE}::a", f"{FILE}::ab", False),
        (f"{FILE}::C", f"{FILE}::Ca::b", False),
        (FILE, f"{FILE}x::a", False),
        (FILE, "tests/test_b.py::a", False),
        (f"{FILE}::a", FILE, False),
        (FILE, f"{FILE}[1]", False),
        ("tests/test_a.p", f"{FILE}::a", False),
    ],
)
def test_a_selector_takes_in_what_lies_below_it(selector: str, test: str, expected: bool) -> None:
    assert matches(selector, test) is expected


# Metrics


def metric(goal: str, *bands: tuple[float, float]) -> dict[str, Any]:
    rows = [{"at": at, "points": points} for at, points in bands]
    return {"metric": {"test": f"{FILE}::m", "name": "v", "goal": goal, "bands": rows}}


LOWER = metric("lower", (1.0, 4), (0.5, 10))
HIGHER = metric("higher", (0.5, 4), (0.9, 10))


@pytest.mark.parametrize(
    ("criterion", "value", "points", "status"),
    [
        (LOWER, 0.1, 10, "passed"),
        (LOWER, 0.5, 10, "passed"),
        (LOWER, 0.51, 4, "partial"),
        (LOWER, 1.0, 4, "partial"),
        (LOWER, 1.01, 0, "failed"),
        (LOWER, -math.inf, 0, "failed"),
        (LOWER, math.nan, 0, "failed"),
        (HIGHER, 0.9, 10, "passed"),
        (HIGHER, 0.89, 4, "partial"),
        (HIGHER, 0.49, 0, "failed"),
        (HIGHER, math.inf, 0, "failed"),
        (HIGHER, math.nan, 0, "failed"),
    ],
)
def test_the_best_band_that_is_met_counts(criterion: dict[str, Any], value: float, points: float, status: str) -> None:
    result = mark(criterion, {"m": "passed"}, metrics={"m": {"v": value, "other": 0.0}})

    assert (result.points, result.status) == (points, status)
    assert result.metric is not None
    assert result.metric.value == (value if math.isfinite(value) else None)
    assert (result.metric.name, result.metric.goal) == ("v", criterion["metric"]["goal"])


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "passed"])
def test_a_metric_counts_only_when_its_test_passed(status: str) -> None:
    result = mark(LOWER, {"m": status}, metrics={"m": {"v": 0.1}})

    assert (result.points, result.status) == (0, "failed")
    assert result.metric is not None
    assert result.metric.value is None


def test_a_metric_that_was_not_recorded_earns_nothing() -> None:
    assert mark(LOWER, {"m": "passed"}, metrics={"m": {"w": 0.1}}).points == 0
    assert mark(LOWER, {}).tests[0].status == "not_run"
    assert mark(LOWER, {"m": "passed"}, metrics={"m": {"v": 0.1}}, collected=["m2"]).points == 0


def test_of_a_parametrised_metric_the_worst_value_counts() -> None:
    both = {"m[a]": "passed", "m[b]": "passed"}
    values = {"m[a]": {"v": 0.1}, "m[b]": {"v": 0.8}}

    assert mark(LOWER, both, metrics=values).points == 4
    assert mark(HIGHER, both, metrics=values).points == 0
    assert mark(LOWER, {**both, "m[b]": "failed"}, metrics=values).points == 0
    assert mark(LOWER, both, metrics={"m[a]": {"v": 0.1}}).points == 0


# Quality and review


def issue(count: int = 1) -> QualityIssue:
    return QualityIssue("a.py", 3, "F401", "`os` imported but unused", count)


@pytest.mark.parametrize(
    ("issues", "points", "status"),
    [
        ([], 10, "passed"),
        ([issue()], 7.5, "partial"),
        ([issue(), issue(2)], 2.5, "partial"),
        ([issue(4)], 0, "failed"),
        ([issue(9999)], 0, "failed"),
        ([issue(ALL_POINTS)], 0, "failed"),
    ],
)
def test_each_issue_costs(issues: list[QualityIssue], points: float, status: str) -> None:
    result = mark({"quality": {"per_issue": 2.5}}, issues=issues)

    assert (result.points, result.status) == (points, status)


def test_no_code_costs_everything_however_cheap_an_issue_is() -> None:
    assert mark({"points": 1_000_000, "quality": {"per_issue": 0.001}}, issues=[issue(ALL_POINTS)]).points == 0


def test_issues_are_shown_but_not_endlessly() -> None:
    lines = mark({"quality": {}}, issues=[issue()] * 23).detail.splitlines()

    assert lines[0] == "a.py:3: F401 `os` imported but unused"
    assert (len(lines), lines[-1]) == (21, "and 3 more")
    assert mark({"quality": {}}, issues=[]).detail == "no issues"


def test_unchecked_quality_is_our_failure_not_full_marks() -> None:
    with pytest.raises(ExamError, match="c0"):
        mark({"quality": {}})


def test_a_review_waits() -> None:
    result = mark({"review": {"levels": [{"name": "good", "points": 10}]}})

    assert (result.points, result.status) == (0, "pending")


def test_a_reviewer_picks_a_level() -> None:
    levels = [{"name": "none", "points": 0}, {"name": "sound", "points": 7}, {"name": "good", "points": 10}]
    criterion = Criterion.model_validate({"id": "c", "title": "C", "points": 10, "review": {"levels": levels}})

    results = [mark_review(criterion, level["name"]) for level in levels]  # type: ignore[arg-type]

    assert [(r.points, r.status) for r in results] == [(0, "failed"), (7, "partial"), (10, "passed")]
    with pytest.raises(KeyError):
        mark_review(criterion, "excellent")
    with pytest.raises(KeyError):
        mark_review(rubric_of(TESTS).criteria[0], "good")


# The total


def result(points: float, most: float, status: str = "partial") -> CriterionResult:
    return CriterionResult.model_validate(
        {"id": "c", "title": "C", "points": points, "max_points": most, "status": status}
    )


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ([result(60, 60), result(24, 60)], Total(84.0, 120.0, 70.0, True)),
        ([result(60, 60), result(23.99, 60)], Total(83.99, 120.0, 69.99, False)),
        ([result(0.1, 1), result(0.2, 1)], Total(0.3, 2.0, 15.0, False)),
        ([result(1, 3), result(1, 3), result(0, 3)], Total(2.0, 9.0, 22.22, False)),
        ([result(100, 100), result(0, 20, "pending")], Total(100.0, 120.0, 83.33, False)),
        ([], Total(0.0, 0.0, 0.0, False)),
    ],
)
def test_the_total_adds_up(criteria: list[CriterionResult], expected: Total) -> None:
    assert total(criteria, 70.0) == expected
