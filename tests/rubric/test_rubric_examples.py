from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import RubricError
from grader.rubric import Example, Suite, load_examples, load_suite

MakeSuite = Callable[..., Path]
EXPECTED = "examples/expected.yaml"


def example_problems(suite: Suite) -> list[str]:
    with pytest.raises(RubricError) as caught:
        load_examples(suite)
    return caught.value.problems


def test_examples_come_with_the_score_they_must_get(suite: Suite) -> None:
    folder = suite.folder / "examples"

    assert load_examples(suite) == [
        Example("empty", folder / "empty", at_most=0.0),
        Example("reference", folder / "reference", points=100.0),
        Example("single.py", folder / "single.py", at_most=50.0),
    ]


def test_a_suite_without_examples_has_none(make_suite: MakeSuite) -> None:
    gone = dict.fromkeys([EXPECTED, "examples/reference/solution.py", "examples/empty/.gitkeep", "examples/single.py"])

    assert load_examples(load_suite(make_suite(files=gone))) == []


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.ipynb", "a.py"])
def test_an_example_may_be_one_file(make_suite: MakeSuite, name: str) -> None:
    suite = load_suite(make_suite(files={EXPECTED: f"{name}: {{points: 1}}\n", f"examples/{name}": ""}))
    for other in ("reference", "empty", "single.py"):
        assert f"{EXPECTED}:1:1: says nothing of examples/{other}" in example_problems(suite)
    assert f"{EXPECTED}:1:1: says nothing of examples/{name}" not in example_problems(suite)


def test_a_readme_beside_the_examples_is_no_example(make_suite: MakeSuite) -> None:
    suite = load_suite(make_suite(files={"examples/README.md": "", "examples/__pycache__/a": ""}))

    assert len(load_examples(suite)) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("gone: {points: 1}", "1:1: gone: there is no such entry in examples/"),
        ("../reference: {points: 1}", "1:1: ../reference: there is no such entry in examples/"),
        ("empty: {}", "1:1: empty: give it one of `points` and `at_most`"),
        ("\nempty: {points: 1, at_most: 1}", "2:1: empty: give it one of `points` and `at_most`"),
        ("empty: {points: 121}", "1:1: empty: the rubric has only 120 points"),
        ("empty: {point: 1}", "1:9: empty.point: unknown key; did you mean `points`?"),
        ("empty: {points: all}", "1:9: empty.points: must be a number, not 'all'"),
        ("empty: {points: -1}", "1:9: empty.points: must be greater than or equal to 0, not -1"),
        ("empty: 3", "1:1: empty: must be keys and values, not 3"),
        ("empty: {points: 1}\nempty: {points: 2}", "2:1: empty: duplicate key `empty`, first on line 1"),
        ("[", "1:2: not YAML"),
        ("", "1:1: is empty"),
    ],
)
def test_a_bad_expectation_is_refused_at_its_place(make_suite: MakeSuite, text: str, problem: str) -> None:
    found = example_problems(load_suite(make_suite(files={EXPECTED: text})))

    assert any(line.startswith(f"{EXPECTED}:{problem}") for line in found)


def test_every_bad_expectation_is_reported_at_once(make_suite: MakeSuite) -> None:
    text = "gone: {points: 1}\nempty: {points: x}\nreference: {}\n"

    assert [line.split(":")[1] for line in example_problems(load_suite(make_suite(files={EXPECTED: text})))] == [
        "1",
        "1",
        "2",
    ]


def test_examples_without_expectations_are_refused(make_suite: MakeSuite) -> None:
    assert "is missing" in example_problems(load_suite(make_suite(files={EXPECTED: None})))[0]
