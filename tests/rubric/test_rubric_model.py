from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from grader.rubric import (
    Criterion,
    Limits,
    NotebookSpec,
    Rubric,
    Skill,
    Submission,
    Suite,
    parse_size,
)

LEAST = {
    "rubric": 1,
    "id": "a",
    "version": 1,
    "title": "A",
    "sandbox": "python",
    "submission": {},
    "criteria": [{"id": "works", "title": "Works", "points": 1, "tests": "tests/test_a.py"}],
}


def criterion(**changes: object) -> Criterion:
    return Criterion.model_validate({"id": "c", "title": "C", "points": 10, **changes})


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("256k", 262_144),
        ("50m", 52_428_800),
        ("1g", 1_073_741_824),
        ("1.5K", 1536),
        ("2 MiB", 2_097_152),
        ("7", 7),
        (9, 9),
    ],
)
def test_sizes_are_powers_of_1024(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "m", "-1m", "1t", "1mm", "1e3", "\u0661m", None, 1.5, ["1m"], "9" * 5000])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError, match="256k"):
        parse_size(text)


@given(st.integers(1, 10**6), st.sampled_from(["k", "m", "g"]))
def test_a_unit_multiplies(number: int, unit: str) -> None:
    assert parse_size(f"{number}{unit}") == number * {"k": 2**10, "m": 2**20, "g": 2**30}[unit]


def test_only_seven_keys_are_required() -> None:
    rubric = Rubric.model_validate(LEAST)

    assert (rubric.pass_mark, rubric.summary, rubric.skills, rubric.trust) == (60.0, "", [], [])
    assert rubric.submission == Submission(accepts=["repository"], requires=[], max_size=50 * 2**20)
    assert rubric.limits == Limits(
        time=120, test_time=10, memory=2**30, cpus=1.0, disk=2**28, processes=128, output=2**20, gpus=0
    )
    assert (rubric.attempts.count, rubric.attempts.per) == (10, "day")
    assert rubric.criteria[0].tests == ["tests/test_a.py"]
    assert rubric.criteria[0].visibility == "visible"


@pytest.mark.parametrize("key", sorted(LEAST))
def test_each_required_key_is_required(key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Rubric.model_validate({k: v for k, v in LEAST.items() if k != key})


def test_a_rubric_survives_json(suite: Suite) -> None:
    assert Rubric.model_validate(suite.rubric.model_dump(mode="json")) == suite.rubric
    assert Rubric.model_validate_json(suite.rubric.model_dump_json()) == suite.rubric


def test_a_rubric_cannot_be_changed(suite: Suite) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        suite.rubric.pass_mark = 0.0


def test_the_kind_is_the_key_in_use(suite: Suite) -> None:
    assert [c.kind for c in suite.rubric.criteria] == ["tests", "metric", "quality", "review"]
    assert suite.rubric.max_points == 120.0
    assert suite.rubric.criterion("clarity").points == 10
    with pytest.raises(KeyError):
        suite.rubric.criterion("nothing")


def test_a_criterion_without_a_kind_is_refused_in_code_too() -> None:
    with pytest.raises(ValidationError, match="no kind"):
        criterion()


def test_two_kinds_are_refused_beside_the_other_errors() -> None:
    with pytest.raises(ValidationError) as caught:
        criterion(tests="tests/test_a.py", quality={}, points="many", extra=1)

    assert {(e["loc"], e["type"]) for e in caught.value.errors()} == {
        ((), "kind"),
        (("points",), "float_type"),
        (("extra",), "extra_forbidden"),
    }


@pytest.mark.parametrize(
    "test",
    [
        "tests/test_a.py",
        "tests/deep/test_a.py::test_b",
        "tests/test_a.py::TestC::test_b",
        "tests/test_a.py::t[a::../b]",
    ],
)
def test_files_and_node_ids_are_taken(test: str) -> None:
    assert criterion(tests=[test]).tests == [test]


@pytest.mark.parametrize(
    "test",
    [
        "",
        "test_a.py",
        "data/test_a.py",
        "tests/",
        "tests",
        "tests/test_a.txt",
        "/tests/test_a.py",
        "tests/../test_a.py",
        "../tests/test_a.py",
        "tests//test_a.py",
        "./tests/test_a.py",
        "tests\\test_a.py",
        "tests/test a.py",
        "tests/test_a.py::",
        "tests/test_a.py::::test_b",
        "tests/test_a.py::test-b",
        "tests/test_a.py\n",
        "-k.py",
    ],
)
def test_paths_that_leave_tests_are_refused(test: str) -> None:
    with pytest.raises(ValidationError):
        criterion(tests=[test])


def test_no_tests_at_all_are_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        criterion(tests=[])


@pytest.mark.parametrize("path", ["/etc/passwd", "..", "a/../b", "a//b", "a\\b", "C:/a", "", ".", "a/", "a/."])
def test_required_files_stay_in_the_submission(path: str) -> None:
    with pytest.raises(ValidationError, match="stays in its folder"):
        Submission(requires=[path])


def test_a_notebook_ends_in_ipynb() -> None:
    spec = Submission(notebook="work/a.ipynb").notebook
    assert spec == NotebookSpec(path="work/a.ipynb", on_error="stop", timeout=30)
    own = Submission.model_validate({"notebook": {"path": "work/a.ipynb", "timeout": 5}})
    assert own.notebook == NotebookSpec(path="work/a.ipynb", timeout=5)
    for wrong in ("a.py", {"path": "a.py"}, {"path": "../a.ipynb"}):
        with pytest.raises(ValidationError, match=r"ipynb|folder"):
            Submission.model_validate({"notebook": wrong})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "Linear model"),
        ("id", "../up"),
        ("id", "-a"),
        ("id", "a" * 65),
        ("id", "a\n"),
        ("sandbox", "a/b"),
        ("sandbox", ".."),
        ("sandbox", "python:latest"),
        ("version", 0),
        ("version", 1.5),
        ("rubric", 2),
        ("title", "  "),
        ("pass_mark", 101),
        ("pass_mark", float("nan")),
        ("criteria", []),
        ("trust", ["everything"]),
        ("limits", {"time": 0}),
        ("limits", {"gpus": 1}),
        ("limits", {"memory": "1k"}),
        ("limits", {"cpus": 0}),
        ("attempts", {"count": 0}),
        ("attempts", {"per": "minute"}),
    ],
)
def test_a_bad_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        Rubric.model_validate({**LEAST, key: value})


@pytest.mark.parametrize("points", [0, -1, float("inf"), float("nan"), "10", True, None, 10**7])
def test_points_are_plain_positive_numbers(points: object) -> None:
    with pytest.raises(ValidationError):
        criterion(points=points, tests="tests/test_a.py")


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "example.org", "https://", "https://a b"])
def test_a_skill_uri_is_an_address(uri: str) -> None:
    with pytest.raises(ValidationError, match="uri"):
        Skill(id="a", name="A", uri=uri)


def test_a_skill_has_three_levels_unless_told() -> None:
    assert Skill(id="a", name="A").levels == {"foundation": 50.0, "proficient": 70.0, "advanced": 90.0}


@pytest.mark.parametrize("code", ["E501,F", "--fix", "e501", ""])
def test_a_rule_code_cannot_smuggle_an_argument(code: str) -> None:
    with pytest.raises(ValidationError, match="select"):
        criterion(quality={"select": [code]})
