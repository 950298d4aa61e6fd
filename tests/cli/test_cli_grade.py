from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPORT = {
    "report", "outcome", "reason", "points", "max_points", "percent", "passed", "rubric", "submission", "criteria",
    "notebook", "environment", "timing",
}  # fmt: skip
CRITERION = {
    "id", "title", "points", "max_points", "status", "visibility", "metric", "hint", "tests", "detail", "cells",
}  # fmt: skip
TEST = {"id", "status", "seconds", "message", "output", "cells"}
GOOD = "def add(a, b):\n    return a + b\n"
SMALL = "def add(a, b):\n    print('adding')\n    return (a + b) % 1000 if a > 0 else a + b\n"

Run = Callable[..., Any]


def assert_has_the_shape_of_the_design(report: dict[str, Any]) -> None:
    assert set(report) == REPORT
    assert set(report["rubric"]) == {"id", "version", "digest"}
    assert set(report["submission"]) == {"kind", "digest", "commit"}
    assert set(report["environment"]) == {"image", "examiner_image", "seed", "transcript", "grader"}
    assert set(report["timing"]) == {"queued", "started", "graded"}
    for criterion in report["criteria"]:
        assert set(criterion) == CRITERION
        for test in criterion["tests"]:
            assert set(test) == TEST


def test_a_suite_outside_the_project_is_graded_into_the_report_of_the_design(
    graded: Run, suite: Path, solution: Callable[[str], Path]
) -> None:
    ran = graded("grade", suite, solution(GOOD), "--json", "-")

    report = ran.json
    assert ran.status == 0
    assert_has_the_shape_of_the_design(report)
    assert (report["outcome"], report["points"], report["max_points"], report["passed"]) == ("graded", 10, 10, True)
    assert report["rubric"]["id"] == "adding"
    assert all(report["environment"][key].startswith("sha256:") for key in ("image", "examiner_image", "transcript"))
    assert report["timing"]["started"] <= report["timing"]["graded"]


def test_a_bad_submission_is_graded_too_and_its_failures_are_told(
    graded: Run, suite: Path, solution: Callable[[str], Path], tmp_path: Path
) -> None:
    ran = graded("grade", suite, solution(SMALL), "--json", tmp_path / "new" / "report.json")

    assert ran.status == 0
    assert "6 of 10 points (60%), passed" in ran.out
    assert "tests/test_shut.py::test_big" in ran.out
    assert "the secret is 42" in ran.out
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert_has_the_shape_of_the_design(report)
    assert [criterion["points"] for criterion in report["criteria"]] == [6, 0]
    assert report["criteria"][1]["tests"][0]["output"] == "adding\n"


def test_the_student_sees_no_hidden_test(
    graded: Run, suite: Path, solution: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    ran = graded("grade", suite, solution(SMALL), "--student", "--artifacts", folder)

    student = json.loads((folder / "student.json").read_text())
    assert ran.status == 0
    assert_has_the_shape_of_the_design(student)
    assert "Think of big numbers." in ran.out
    for text in (ran.out, json.dumps(student)):
        assert "secret" not in text
        assert "100000000" not in text
    assert "the secret is 42" in (folder / "report.json").read_text()
    with tarfile.open(folder / "submission.tar") as tar:
        assert tar.getnames() == ["solution.py"]


def test_what_a_submission_prints_cannot_steer_the_terminal(
    graded: Run, suite: Path, solution: Callable[[str], Path]
) -> None:
    ran = graded("grade", suite, solution("def add(a, b):\n    raise ValueError('\\x1b[2J\\x07[red]all passed')\n"))

    assert ran.status == 0
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
    assert "[red]all passed" in ran.out


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


REJECTED: dict[str, tuple[str, bytes, str]] = {
    "a required file is missing": ("work.zip", zipped(**{"answer.py": b"x"}), "solution.py is missing"),
    "a path climbs out": ("work.zip", zipped(**{"../solution.py": b"x"}), "../solution.py"),
    "a bomb": ("work.zip", zipped(**{"solution.py": b"", "big.bin": bytes(30_000_000)}), "big.bin"),
    "not an archive": ("work.zip", b"no zip at all", "work.zip"),
    "a module of the grader's name": ("work.zip", zipped(**{"solution.py": b"", "grader.py": b""}), "grader"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_rejected_submission_ends_with_2_and_a_report(grader: Run, suite: Path, tmp_path: Path, case: str) -> None:
    name, content, word = REJECTED[case]
    (tmp_path / name).write_bytes(content)

    ran = grader("grade", suite, tmp_path / name, "--json", "-")

    assert ran.status == 2
    assert_has_the_shape_of_the_design(ran.json)
    assert (ran.json["outcome"], ran.json["points"], ran.json["max_points"]) == ("rejected", 0, 10)
    assert word in ran.json["reason"]
    assert "\n  " in ran.json["reason"], "it says how to mend it"
    assert ran.json["criteria"] == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("https://127.0.0.1/ada/homework.git", "127.0.0.1"),
        ("https://localhost/ada/homework.git", "localhost"),
        ("git@example.org:ada/homework.git", "https"),
        ("ext::sh -c touch% /tmp/pwned", "https"),
        ("nowhere/at/all", "no such file or folder"),
    ],
)
def test_an_address_that_must_not_be_read_is_rejected(grader: Run, suite: Path, source: str, word: str) -> None:
    ran = grader("grade", suite, source, "--json", "-")

    assert ran.status == 2
    assert ran.json["outcome"] == "rejected"
    assert word in ran.json["reason"]


def test_a_rejection_is_shown_without_json(grader: Run, suite: Path, tmp_path: Path) -> None:
    ran = grader("grade", suite, tmp_path / "gone.zip")

    assert ran.status == 2
    assert "rejected" in ran.out
    assert "gone.zip" in ran.out


def test_docker_that_does_not_answer_is_our_failure(
    grader: Run, suite: Path, solution: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")

    ran = grader("grade", suite, solution(GOOD), "--json", "-")

    assert ran.status == 3
    assert_has_the_shape_of_the_design(ran.json)
    assert (ran.json["outcome"], ran.json["passed"]) == ("failed", False)
    assert "Docker" in ran.json["reason"]
    assert ran.json["submission"]["digest"].startswith("sha256:")


def test_a_broken_rubric_is_refused_with_every_problem_at_its_line(
    grader: Run, make_suite: Callable[..., Path], solution: Callable[[str], Path], tmp_path: Path
) -> None:
    broken = make_suite(
        rubric_DOT_yaml="rubric: 1\nid: x\nid: y\nversion: 0\ntitle: T\nsandbox: python\ncriteria: []\n"
    )

    ran = grader("grade", broken, solution(GOOD), "--json", tmp_path / "report.json")

    assert ran.status == 2
    for place in ("rubric.yaml:3:1", "rubric.yaml:4:1", "rubric.yaml:7:1"):
        assert place in ran.err
    assert not (tmp_path / "report.json").exists()


def test_an_unknown_rubric_is_refused_with_the_names_there_are(grader: Run, tmp_path: Path) -> None:
    ran = grader("grade", "linear-modle", tmp_path)

    assert ran.status == 2
    assert "linear-modle: there is no such folder" in ran.err
    assert "linear-model" in ran.err.splitlines()[1]


def test_a_rubric_for_an_unknown_sandbox_is_refused_at_its_line(
    grader: Run, make_suite: Callable[..., Path], suite: Path, tmp_path: Path
) -> None:
    text = (suite / "rubric.yaml").read_text().replace("sandbox: python", "sandbox: fortran")

    ran = grader("grade", make_suite("other", rubric_DOT_yaml=text), tmp_path)

    assert ran.status == 2
    assert "rubric.yaml:5:1: sandbox: there is no sandbox 'fortran'; there are python, python-ml" in ran.err


def test_a_report_that_cannot_be_written_is_refused_before_anything_runs(
    grader: Run, suite: Path, solution: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    ran = grader("grade", suite, solution(GOOD), "--json", tmp_path / "file" / "report.json")

    assert ran.status == 2
    assert "cannot write there" in ran.err
