from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.rubric import (
    ManifestEntry,
    QualityIssue,
    Rubric,
    Suite,
    Total,
    Verdict,
    score,
    total,
)
from grader.rubric.report import TestStatus

FILE = "tests/test_a.py"
STATUSES: list[TestStatus] = ["passed", "failed", "timeout", "crashed", "out_of_memory", "not_run"]


def rubric_of(*criteria: dict[str, Any]) -> Rubric:
    filled = [{"id": f"c{n}", "title": "C", "points": 10, **c} for n, c in enumerate(criteria)]
    return Rubric.model_validate(
        {"rubric": 1, "id": "a", "version": 1, "title": "A", "sandbox": "python", "submission": {}, "criteria": filled}
    )


def metric(most: float) -> dict[str, Any]:
    bands = [{"at": 1.0, "points": most / 2}, {"at": 0.5, "points": most}]
    return {"metric": {"test": f"{FILE}::m", "name": "v", "goal": "lower", "bands": bands}}


def issue(count: int) -> QualityIssue:
    return QualityIssue("a.py", 3, "F401", "`os` imported but unused", count)


def test_the_design_example_scores_as_written(suite: Suite) -> None:
    ids = [
        "tests/test_predict.py::test_line",
        "tests/test_predict.py::TestLine::test_slope",
        "tests/test_accuracy.py::test_rmse",
    ]
    verdicts = {id: Verdict(id, "passed", metrics={"rmse": 0.8}) for id in ids}

    results = score(suite.rubric, [ManifestEntry(id) for id in ids], verdicts, {"clarity": [issue(3)]})

    assert [(r.id, r.points, r.status) for r in results] == [
        ("works", 60, "passed"),
        ("accuracy", 10, "partial"),
        ("clarity", 7, "partial"),
        ("report", 0, "pending"),
    ]
    assert total(results, suite.rubric.pass_mark) == Total(77.0, 120.0, 64.17, False)


@st.composite
def exams(draw: st.DrawFn) -> tuple[Rubric, list[ManifestEntry], dict[str, Verdict], dict[str, list[QualityIssue]]]:
    points = st.floats(0.00001, 1000) | st.integers(1, 100)
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
    rubric = rubric_of(
        {"points": draw(points), "tests": [FILE, "tests/test_gone.py"][: draw(st.integers(1, 2))]},
        {
            "points": draw(points),
            "tests": [f"{FILE}::{draw(st.sampled_from(names))}"],
            "all_or_nothing": draw(st.booleans()),
        },
        {"points": (most := draw(points)), **metric(most)},
        {"points": draw(points), "quality": {"per_issue": draw(st.floats(0.001, 1000))}},
    )
    weights = st.none() | st.floats(0.001, 1000)
    manifest = [ManifestEntry(f"{FILE}::{name}", draw(weights)) for name in [*names, "m"]]
    value = st.floats(0, 2) | st.just(math.nan)
    verdicts = {
        e.id: Verdict(e.id, draw(st.sampled_from(STATUSES)), metrics={"v": draw(value)})
        for e in manifest
        if draw(st.booleans())
    }
    return rubric, manifest, verdicts, {"c3": [issue(n) for n in draw(st.lists(st.integers(1, 50), max_size=4))]}


Exam = tuple[Rubric, list[ManifestEntry], dict[str, Verdict], dict[str, list[QualityIssue]]]


@given(exams())
def test_points_never_leave_their_range(exam: Exam) -> None:
    results = score(*exam)
    summed = total(results, 60.0)

    for criterion, scored in zip(exam[0].criteria, results, strict=True):
        assert 0 <= scored.points <= scored.max_points == criterion.points
        assert (scored.status == "failed") == (scored.points == 0 and scored.status != "passed")
        assert math.isclose(scored.points, round(scored.points, 4)) or scored.points == scored.max_points
    assert 0 <= summed.points <= summed.max_points
    assert 0 <= summed.percent <= 100


@given(exams())
def test_full_marks_take_every_test(exam: Exam) -> None:
    for criterion, scored in zip(exam[0].criteria, score(*exam), strict=True):
        if criterion.kind == "tests":
            assert (scored.status == "passed") == all(test.status == "passed" for test in scored.tests)


@given(exams(), st.data())
def test_one_more_passed_test_never_costs_points(exam: Exam, data: st.DataObject) -> None:
    rubric, manifest, verdicts, issues = exam
    id = data.draw(st.sampled_from(manifest)).id
    metrics = verdicts[id].metrics if id in verdicts else {"v": 5.0}
    better = {**verdicts, id: Verdict(id, "passed", metrics=metrics)}

    before, after = score(*exam), score(rubric, manifest, better, issues)

    assert all(b.points <= a.points for b, a in zip(before, after, strict=True))


@given(exams(), st.randoms())
def test_the_order_of_tests_and_verdicts_does_not_matter(exam: Exam, random: Any) -> None:
    rubric, manifest, verdicts, issues = exam
    shuffled, items = list(manifest), list(verdicts.items())
    random.shuffle(shuffled)
    random.shuffle(items)

    before, after = score(*exam), score(rubric, shuffled, dict(items), issues)

    assert [(r.points, r.status, r.metric) for r in before] == [(r.points, r.status, r.metric) for r in after]


@given(exams(), st.integers(1, 5))
def test_one_more_issue_never_earns_points(exam: Exam, count: int) -> None:
    rubric, manifest, verdicts, issues = exam
    worse = {"c3": [*issues["c3"], issue(count)]}

    assert score(rubric, manifest, verdicts, worse)[3].points <= score(*exam)[3].points
