from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]
EXPECTED = "examples/expected.yaml"


def test_a_suite_whose_examples_get_what_they_must_is_right(graded: Run, suite: Path) -> None:
    ran = graded("rubric", "check", suite, "-j", "2")

    assert ran.status == 0
    assert "3 examples as expected" in ran.out
    assert "at most 6" in ran.out
    assert "warning" not in ran.out


def test_an_example_that_gets_something_else_is_named_with_what_it_lost(graded: Run, suite: Path) -> None:
    (suite / EXPECTED).write_text("reference: {points: 10}\nempty: {points: 0}\nsmall: {points: 10}\n")

    ran = graded("rubric", "check", suite, "--example", "small")

    assert ran.status == 1
    assert "shut 0/4" in ran.out
    assert "1 of 1 examples differ" in ran.out


def test_what_a_suite_leaves_untested_is_told(graded: Run, make_suite: Callable[..., Path]) -> None:
    text = (make_suite("first") / "rubric.yaml").read_text()
    changes = {
        "rubric_DOT_yaml": text.replace(", hint: Think of big numbers.", "").replace("solution.py", "statistics.py"),
        "examples__expected_DOT_yaml": "reference: {points: 0}\n",
        "examples__reference__statistics_DOT_py": "",
        "examples__empty__solution_DOT_py": None,
        "examples__small__solution_DOT_py": None,
        "tests__helper_DOT_py": "",
        "tests__json_DOT_py": "",
        "examples__reference__helper_DOT_py": "",
    }

    ran = graded("rubric", "check", make_suite("second", **changes))

    assert ran.out.count("warning:") == 6 + ran.out.count("known to be bad")
    for words in (
        "no example must get all 10 points",
        "no example is called empty",
        "criterion shut is hidden and has no hint",
        "the examiner has a module statistics itself",
        "tests/json has the name of a module that the examiner has itself",
        "tests/ and the submission both have a module helper",
    ):
        assert words in ran.out


def test_an_empty_example_that_earns_something_is_doubted(graded: Run, make_suite: Callable[..., Path]) -> None:
    changes = {
        "tests__test_open_DOT_py": "import solution\n\n\ndef test_it_imports():\n    assert solution\n",
        "examples__expected_DOT_yaml": "reference: {points: 10}\nempty: {points: 6}\nsmall: {points: 6}\n",
    }

    ran = graded("rubric", "check", make_suite(**changes))

    assert ran.status == 0
    assert "the example empty earns 6 points for nothing" in ran.out


def test_a_broken_list_of_examples_is_refused_at_its_line(grader: Run, suite: Path) -> None:
    (suite / EXPECTED).write_text("reference: {points: 11}\nempty: {}\nsmall: {points: 1}\n")

    ran = grader("rubric", "check", suite)

    assert ran.status == 2
    assert f"{EXPECTED}:1:1" in ran.err
    assert f"{EXPECTED}:2:1" in ran.err


def test_an_unknown_example_is_refused_with_the_names_there_are(grader: Run, suite: Path) -> None:
    ran = grader("rubric", "check", suite, "--example", "other")

    assert ran.status == 2
    assert "There are: empty, reference, small." in ran.err


def test_docker_that_does_not_answer_is_our_failure_in_a_check(grader: Run, suite: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    ran = grader("rubric", "check", suite)

    assert ran.status == 3
    assert "Docker" in ran.err
