"""Hostile submissions in Docker: each scores what its EXPECT.txt says, is reported as it says, and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from grader.exam.pipeline import grade, rejection
from grader.intake import read_folder
from grader.rubric import Report, load_suite, student_view
from grader.sandbox.docker import DockerSandbox

HERE = Path(__file__).parent
PAYLOADS = sorted(p for p in (HERE / "payloads").iterdir() if p.is_dir())
SUITE = load_suite(HERE / "suite")


def hold(payload: Path, sandbox: DockerSandbox) -> Report:
    try:
        tree = read_folder(payload)
        return grade(SUITE, tree, sandbox, secret=b"secret", job=f"attack-{payload.name}")
    except SubmissionRejected as error:
        return rejection(SUITE, error)


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest, docker_sandbox: DockerSandbox) -> Iterator[dict[str, Future[Report]]]:
    """The payloads that are to be tested, two at a time, started ahead of their tests."""
    chosen = {
        i.callspec.params["payload"] for i in request.session.items if "payload" in getattr(i, "fixturenames", ())
    }  # type: ignore[attr-defined]
    with ThreadPoolExecutor(2) as pool:
        yield {p.name: pool.submit(hold, p, docker_sandbox) for p in PAYLOADS if p in chosen}


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda p: p.name)
def test_a_hostile_submission_scores_what_it_deserves(payload: Path, reports: dict[str, Future[Report]]) -> None:
    points, *statuses = (payload / "EXPECT.txt").read_text().split()
    report = reports[payload.name].result()
    tests = [t for c in report.criteria for t in c.tests]

    assert report.outcome in ("graded", "rejected")
    assert report.points == float(points)
    assert {t.status for t in tests} <= set(statuses), [t.message for t in tests]
    assert not list(Path("/tmp").glob("attack_canary*"))
    hidden = json.dumps([c for c in student_view(report)["criteria"] if c["visibility"] == "hidden"])
    assert "LEAK" not in hidden
