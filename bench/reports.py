"""Reports as exams leave them, drawn by chance."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from grader.db import rules
from grader.rubric import Criterion, Rubric

TESTS = 4
"""Tests of a criterion."""
DIGEST = "sha256:" + "ab" * 32
_MESSAGE = "assert predict(rows) == approx(expected)\n  at row 17: 3.1250 is not 2.7183, which is off by 0.4067\n" * 3


def make(rubric: Rubric, digest: str, at: datetime, skill: float, chance: random.Random) -> dict[str, Any]:
    """The JSON of a report: each test passes with the probability `skill`, and what a person marks waits."""
    criteria = [_criterion(criterion, skill, chance) for criterion in rubric.criteria]
    most = rubric.max_points
    points = round(sum(criterion["points"] for criterion in criteria), 4)
    pending = any(criterion["status"] == "pending" for criterion in criteria)
    percent, begun = rules.percent_of(points, most), at.timestamp()
    return {
        "report": 1, "outcome": "graded", "reason": None, "points": points, "max_points": most, "percent": percent,
        "passed": percent >= rubric.pass_mark and not pending,
        "rubric": {"id": rubric.id, "version": rubric.version, "digest": digest},
        "submission": {"kind": "repository", "digest": DIGEST, "commit": None}, "criteria": criteria, "notebook": None,
        "environment": {"image": DIGEST, "examiner_image": DIGEST, "seed": "5eed", "transcript": DIGEST, "grader": "0"},
        "timing": {"queued": begun, "started": begun + 2, "graded": begun + 9},
    }  # fmt: skip


def _criterion(criterion: Criterion, skill: float, chance: random.Random) -> dict[str, Any]:
    shared = {"id": criterion.id, "title": criterion.title, "max_points": criterion.points, "cells": []}
    shared |= {"visibility": criterion.visibility, "metric": None, "hint": criterion.hint, "detail": "", "tests": []}
    if criterion.review:
        return shared | {"points": 0.0, "status": "pending"}
    passed = [chance.random() < skill for _ in range(TESTS)]
    tests = [_test(criterion, n, ok) for n, ok in enumerate(passed)]
    points = round(criterion.points * sum(passed) / TESTS, 4)
    status = "passed" if all(passed) else "partial" if points else "failed"
    if criterion.metric:
        shared["metric"] = {"name": criterion.metric.name, "value": round(2 - skill, 3), "goal": criterion.metric.goal}
    return shared | {"points": points, "status": status, "tests": tests}


def _test(criterion: Criterion, number: int, passed: bool) -> dict[str, Any]:
    name = f"tests/test_{criterion.id.replace('-', '_')}.py::test_{number}"
    said = {"message": "", "output": ""} if passed else {"message": _MESSAGE, "output": "fitting 3 of 3\n"}
    return {"id": name, "status": "passed" if passed else "failed", "seconds": 0.125, "cells": [], **said}
