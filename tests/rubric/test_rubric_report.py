from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from grader.rubric import (
    CriterionResult,
    Environment,
    MetricResult,
    Report,
    RubricRef,
    SubmissionRef,
    TestResult,
    Timing,
    student_view,
)

SECRET = "42-is-the-hidden-input"


def criterion(visibility: str) -> dict[str, Any]:
    test = {
        "id": f"tests/test_a.py::TestC::test_b[{SECRET}]",
        "status": "failed",
        "seconds": 42.0042,
        "message": f"expected {SECRET}",
        "output": f"printed {SECRET}",
        "cells": [4],
    }
    return {
        "id": visibility,
        "title": "Works",
        "points": 3.0,
        "max_points": 10.0,
        "status": "partial",
        "visibility": visibility,
        "metric": {"name": "rmse", "value": 42.0042, "goal": "lower"},
        "hint": "read chapter 2",
        "detail": f"rmse of {SECRET}",
        "tests": [test],
        "cells": [3],
    }


@pytest.fixture
def report() -> Report:
    return Report(
        outcome="graded",
        points=9.0,
        max_points=30.0,
        percent=30.0,
        passed=False,
        rubric=RubricRef(id="linear-model", version=3, digest="sha256:1"),
        submission=SubmissionRef(kind="repository", digest="sha256:2"),
        criteria=[CriterionResult.model_validate(criterion(v)) for v in ("visible", "after_due", "hidden")],
        environment=Environment(
            image="sha256:3", examiner_image="sha256:4", seed="5", transcript="sha256:6", grader="0.1.0"
        ),
        timing=Timing(queued=1.0, started=2.0, graded=3.0),
    )


def test_the_json_has_exactly_the_agreed_shape(report: Report) -> None:
    assert report.model_dump(mode="json") == {
        "report": 1,
        "outcome": "graded",
        "reason": None,
        "points": 9.0,
        "max_points": 30.0,
        "percent": 30.0,
        "passed": False,
        "rubric": {"id": "linear-model", "version": 3, "digest": "sha256:1"},
        "submission": {"kind": "repository", "digest": "sha256:2", "commit": None},
        "criteria": [criterion("visible"), criterion("after_due"), criterion("hidden")],
        "notebook": None,
        "environment": {
            "image": "sha256:3",
            "examiner_image": "sha256:4",
            "seed": "5",
            "transcript": "sha256:6",
            "grader": "0.1.0",
        },
        "timing": {"queued": 1.0, "started": 2.0, "graded": 3.0},
    }


def test_the_keys_stand_in_the_agreed_order(report: Report) -> None:
    assert list(report.model_dump()) == [
        *("report", "outcome", "reason", "points", "max_points", "percent", "passed"),
        *("rubric", "submission", "criteria", "notebook", "environment", "timing"),
    ]


def test_a_report_survives_json(report: Report) -> None:
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert Report.model_validate(json.loads(json.dumps(report.model_dump(mode="json")))) == report


def test_a_rejected_upload_has_a_report_too() -> None:
    report = Report(
        outcome="rejected",
        reason="solution.py is missing",
        rubric=RubricRef(id="a", version=1, digest="sha256:1"),
        submission=SubmissionRef(),
        environment=Environment(grader="0.1.0"),
        timing=Timing(),
    )
    dumped = report.model_dump(mode="json")

    assert (dumped["points"], dumped["passed"], dumped["criteria"]) == (0.0, False, [])
    assert dumped["submission"] == {"kind": None, "digest": None, "commit": None}
    assert student_view(report)["reason"] == "solution.py is missing"


@pytest.mark.parametrize(
    "change",
    [{"outcome": "zero"}, {"points": -1}, {"percent": 101}, {"points": float("nan")}, {"extra": 1}, {"report": 2}],
)
def test_a_report_of_another_shape_is_refused(report: Report, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Report.model_validate({**report.model_dump(), **change})


@pytest.mark.parametrize("status", ["skipped", "xfailed", "error", ""])
def test_a_test_has_one_of_six_statuses(status: str) -> None:
    with pytest.raises(ValidationError, match="status"):
        TestResult.model_validate({"id": "a", "status": status})


def test_a_metric_cannot_carry_nan() -> None:
    with pytest.raises(ValidationError):
        MetricResult(name="a", value=float("nan"), goal="lower")


@pytest.mark.parametrize(("after_due", "shown"), [(False, {"visible"}), (True, {"visible", "after_due"})])
def test_a_student_sees_only_what_is_open(report: Report, after_due: bool, shown: set[str]) -> None:
    view = student_view(report, after_due=after_due)

    for part in view["criteria"]:
        if part["id"] in shown:
            assert part == criterion(part["id"])
        else:
            assert SECRET not in json.dumps(part)
            assert "42" not in json.dumps(part)


def test_a_hidden_criterion_keeps_title_points_hint_and_test_names(report: Report) -> None:
    assert student_view(report)["criteria"][2] == {
        **criterion("hidden"),
        "metric": None,
        "detail": "",
        "tests": [
            {
                "id": "tests/test_a.py::TestC::test_b",
                "status": "failed",
                "seconds": 0.0,
                "message": "",
                "output": "",
                "cells": [],
            }
        ],
        "cells": [],
    }


def test_a_students_view_has_no_seed_and_the_same_keys(report: Report) -> None:
    view = student_view(report, after_due=True)

    assert view["environment"] == {**report.model_dump()["environment"], "seed": None}
    assert list(view) == list(report.model_dump())
    assert json.loads(json.dumps(view)) == view


def test_the_stored_report_is_left_as_it_was(report: Report) -> None:
    before = report.model_dump_json()
    student_view(report)

    assert report.model_dump_json() == before
