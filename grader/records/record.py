"""The grading record: what a badge binds by its digest, so that a mark can be looked into and graded again.

It holds who was graded by what, by content, and the points. It holds no messages, no outputs and no inputs of tests,
so it may be shown to whoever is shown the badge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from grader.errors import Unreadable
from grader.records.reading import parse_json
from grader.rubric.report import Report

_SEED = b"grader seed commitment 1\n"


def seed_commitment(seed: str) -> str:
    """`sha256:` and the hex digest that binds the seed of the randomised tests without telling it."""
    return "sha256:" + hashlib.sha256(_SEED + seed.encode()).hexdigest()


def record(report: Report) -> bytes:
    """The report's grading record as canonical JSON (RFC 8785): the same report gives the same bytes.

    Points are as in the report, `graded` is a Unix time in whole seconds.
    """
    environment = report.environment
    made: dict[str, Any] = {
        "record": 1,
        "outcome": report.outcome,
        "points": report.points,
        "max_points": report.max_points,
        "percent": report.percent,
        "passed": report.passed,
        "graded": None if report.timing.graded is None else int(report.timing.graded),
        "rubric": report.rubric.model_dump(),
        "submission": report.submission.model_dump(),
        "environment": {
            "grader": environment.grader,
            "image": environment.image,
            "examiner_image": environment.examiner_image,
            "transcript": environment.transcript,
            "seed_commitment": seed_commitment(environment.seed) if environment.seed else None,
        },
        "criteria": [
            {"id": c.id, "title": c.title, "points": c.points, "max_points": c.max_points, "status": c.status}
            for c in report.criteria
        ],
    }
    return rfc8785.dumps(made)


def read_record(data: bytes) -> Mapping[str, Any]:
    """The content of a grading record.

    Raises:
        Unreadable: it is not one.
    """
    found = parse_json(data)
    if found.get("record") != 1:
        raise Unreadable("it is not a grading record")
    return found
