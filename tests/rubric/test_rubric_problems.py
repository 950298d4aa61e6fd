from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.rubric import load_suite

MakeSuite = Callable[..., Path]
Problems = Callable[..., list[str]]


# Keys and values


def test_a_problem_has_file_line_and_column(problems: Problems) -> None:
    assert problems(("points: 60", "points: sixty")) == [
        "rubric.yaml:21:5: criteria.0.points: must be a number, not 'sixty'"
    ]


def test_all_problems_come_at_once_in_the_order_of_lines(problems: Problems) -> None:
    found = problems(
        ("version: 3", "version: three"),
        ("sandbox:", "sandbx:"),
        ("points: 60", "points: sixty"),
        ("test_predict.py", "test_gone.py"),
        ("[regression]", "[cooking]"),
        ("id: accuracy", "id: works"),
        ("quality:", "qualty:"),
        ("{name: convincing, points: 20}", "{name: convincing, points: 19}"),
    )

    assert [line.split(": ", 2)[1] for line in found] == [
        "sandbox",
        "version",
        "sandbx",
        "criteria.0.points",
        "criteria.0.skills.0",
        "criteria.1.id",
        "criteria.2",
        "criteria.2.qualty",
        "criteria.3.review.levels.2.points",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("sandbox:", "sandbx:", "rubric.yaml:6:1: sandbx: unknown key; did you mean `sandbox`?"),
        ("pass_mark:", "passmark:", "rubric.yaml:14:1: passmark: unknown key; did you mean `pass_mark`?"),
        ("requires:", "require:", "rubric.yaml:9:3: submission.require: unknown key; did you mean `requires`?"),
        ("memory:", "Memory:", "rubric.yaml:12:21: limits.Memory: unknown key; did you mean `memory`?"),
        ("gpus: 0", "GPUS: 0", "limits.GPUS: unknown key; did you mean `gpus`?"),
        ("per_issue", "per_isue", "criteria.2.quality.per_isue: unknown key; did you mean `per_issue`?"),
        ("{at: 1.0", "{att: 1.0", "criteria.1.metric.bands.0.att: unknown key; did you mean `at`?"),
        ("attempts: {count", "attempts: {zzz", "attempts.zzz: unknown key; known are count, per"),
        ("levels: {found", "lvels: {found", "skills.0.lvels: unknown key; did you mean `levels`?"),
    ],
)
def test_an_unknown_key_suggests_the_nearest(problems: Problems, old: str, new: str, problem: str) -> None:
    assert any(problem in line for line in problems((old, new)))


def test_a_missing_key_stands_at_what_lacks_it(problems: Problems) -> None:
    assert problems(("    title: Predicts a line\n", "")) == ["rubric.yaml:19:5: criteria.0.title: is missing"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("version: 3", "version: 3.5", "version: must be a whole number, not 3.5"),
        ("version: 3", "version:", "version: must be a whole number, not empty"),
        ("title: Fit a line", "title: [a]", "title: must be text, not a list"),
        ("title: Fit a line", "title: 3", "title: must be text, not 3"),
        ("limits: {", "limits: [{", ""),
        ("memory: 1g", "memory: much", "limits.memory: write a size such as 256k, 50m or 1g, not 'much'"),
        ("max_size: 50m", "max_size:", "submission.max_size: write a size such as 256k, 50m or 1g, not empty"),
        ("gpus: 0", "gpus: 1", "limits.gpus: must be 0: no sandbox has a GPU yet"),
        ("per: day", "per: year", "attempts.per: must be 'hour', 'day', 'week' or 'ever', not 'year'"),
        ("id: linear-model", "id: Linear Model", "id: must be lower-case letters, digits and -"),
        ("sandbox: python-ml", "sandbox: ../python", "sandbox: must be lower-case letters"),
        ("[solution.py]", "[../solution.py]", "submission.requires.0: write a path that stays in its folder"),
        ("pass_mark: 70", "pass_mark: 170", "pass_mark: must be less than or equal to 100, not 170"),
        ("points: 60", "points: .nan", "criteria.0.points: must be a finite number, not nan"),
        ("points: 60", "points: true", "criteria.0.points: must be a number, not true"),
        ("foundation: 50", "Found it: 50", "skills.0.levels.Found it: must be lower-case letters"),
        ("https://example", "ftp://example", "skills.0.uri: must be an address that begins with https://"),
        ("select: [E,", "select: [e,", "criteria.2.quality.select.0: must be a rule code of ruff"),
        ("name: rmse", "name: my rmse", "criteria.1.metric.name: must be one word"),
        ("goal: lower", "goal: smaller", "criteria.1.metric.goal: must be 'lower' or 'higher', not 'smaller'"),
        ("visibility: hidden", "visibility: secret", "criteria.1.visibility: must be 'visible'"),
    ],
)
def test_a_bad_value_is_explained(problems: Problems, old: str, new: str, problem: str) -> None:
    assert any(f": {problem}" in line for line in problems((old, new)))


def test_a_criterion_without_a_kind_says_which_there_are(problems: Problems) -> None:
    assert problems(("    tests: tests/test_predict.py\n", "")) == [
        "rubric.yaml:19:5: criteria.0: has no kind; give it one of `tests`, `metric`, `quality`, `review` or `cells`"
    ]


def test_a_criterion_with_two_kinds_says_which(problems: Problems) -> None:
    assert problems(("tests: tests/test_predict.py", "tests: tests/test_predict.py\n    quality: {}")) == [
        "rubric.yaml:19:5: criteria.0: has `tests` and `quality`; a criterion has exactly one of them"
    ]


def test_cells_come_with_notebooks(problems: Problems) -> None:
    assert problems(("tests: tests/test_predict.py", "cells: [a]")) == [
        "rubric.yaml:22:5: criteria.0.cells: must be keys and values, not a list"
    ]
    without = ("  accepts: [repository, notebook]\n", ""), ("  notebook: analysis.ipynb\n", "")
    assert problems(("tests: tests/test_predict.py", "cells: {tag: a}"), *without) == [
        "rubric.yaml:20:13: criteria.0.cells.tag: the rubric has no notebook; name it with `submission.notebook`"
    ]


# Checks across keys and files


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("test_predict.py", "test_gone.py", "22:5: criteria.0.tests: there is no file tests/test_gone.py"),
        ("test_accuracy.py", "gone.py", "29:7: criteria.1.metric.test: there is no file tests/gone.py"),
        ("::test_rmse", "::test_mse", "29:7: criteria.1.metric.test: there is no `test_mse` in tests/test_accuracy.py"),
        ("::test_rmse", "", "29:7: criteria.1.metric.test: name one test, such as tests/test_x.py::test_a"),
        ("tests/test_predict.py", "data/points.csv", "criteria.0.tests: name a .py file in tests/"),
        ("tests/test_predict.py", "tests/../../x.py", "criteria.0.tests: write a path that stays in its folder"),
        (
            "tests/test_predict.py",
            "tests/test_predict.py::TestLine::gone",
            "there is no `gone` in tests/test_predict.py",
        ),
        ("[regression]", "[cooking]", "24:14: criteria.0.skills.0: unknown skill `cooking`; known are regression"),
        ("[regression]", "[regression, regression]", "24:26: criteria.0.skills.1: `regression` is listed twice"),
        ("id: accuracy", "id: works", "25:5: criteria.1.id: `works` is taken by line 19"),
        ("at: 0.5, points: 30", "at: 1.0, points: 30", "32:39: criteria.1.metric.bands.1.at: two bands are at 1"),
        (
            "at: 0.5",
            "at: 2.5",
            "criteria.1.metric.bands.1.points: with `goal: lower` the band at 1 must give more points",
        ),
        ("goal: lower", "goal: higher", "with `goal: higher` the band at 1 must give more points than the one at 0.5"),
        ("points: 10}, {at", "points: 30}, {at", "with `goal: lower` the band at 0.5 must give more points"),
        ("points: 30\n", "points: 25\n", "the best band gives 30 points, the criterion has 25"),
        ("convincing, points: 20", "convincing, points: 21", "the best level gives 21 points, the criterion has 20"),
        ("name: sound", "name: missing", "criteria.3.review.levels.1.name: `missing` is listed twice"),
        ("proficient: 70", "proficient: 50", "skills.0.levels.proficient: needs as many percent as `foundation`"),
        ("select: [E, F, B]", "select: [E, QQ]", "37:27: criteria.2.quality.select: Unknown rule selector `QQ`"),
        ("quality: {", "all_or_nothing: true\n    quality: {", "criteria.2.all_or_nothing: goes with `tests` only"),
        ("quality: {", "fresh: true\n    quality: {", "criteria.2.fresh: goes with `tests` and `metric` only"),
    ],
)
def test_a_contradiction_is_refused_at_its_place(problems: Problems, old: str, new: str, problem: str) -> None:
    found = problems((old, new))

    assert any(problem in line for line in found), found
    assert all(line.startswith("rubric.yaml:") for line in found)


def test_a_second_skill_of_an_id_is_refused(problems: Problems) -> None:
    found = problems(("criteria:\n", "  - {id: regression, name: Again}\ncriteria:\n"))

    assert found == ["rubric.yaml:18:6: skills.1.id: `regression` is taken by line 16"]


def test_skills_are_missed_when_there_are_none(problems: Problems, good: str) -> None:
    start, end = good.index("skills:"), good.index("criteria:")

    assert problems((good[start:end], "")) == [
        "rubric.yaml:21:14: criteria.0.skills.0: unknown skill `regression`; the rubric has no `skills`"
    ]


def test_bands_may_stand_in_any_order(make_suite: MakeSuite) -> None:
    old = "[{at: 1.0, points: 10}, {at: 0.5, points: 30}]"
    load_suite(make_suite((old, "[{at: 0.5, points: 30}, {at: 1.0, points: 10}, {at: 0.7, points: 20}]")))


def test_a_test_file_that_is_not_python_is_refused_at_its_line(problems: Problems) -> None:
    found = problems(files={"tests/test_predict.py": "import os\ndef (:\n"})

    assert found == ["tests/test_predict.py:2:5: not Python: invalid syntax"]


@pytest.mark.parametrize(
    "source",
    [
        "def test_rmse(): ...",
        "async def test_rmse(): ...",
        "import os\nx = 1\nif x:\n    def test_rmse(): ...",
        "from shared import *",
        "from shared import test_rmse",
        "test_rmse = make()",
        "def test_rmse(): '\\d'",
    ],
)
def test_a_test_that_may_exist_is_believed(make_suite: MakeSuite, source: str) -> None:
    load_suite(make_suite(files={"tests/test_accuracy.py": source}))


def test_an_inherited_test_is_believed(make_suite: MakeSuite) -> None:
    load_suite(
        make_suite(
            ("tests/test_predict.py", "tests/test_predict.py::TestLine::test_inherited[1-::]"),
            files={
                "tests/test_predict.py": "from shared import Base\nclass TestLine(Base):\n    def test_own(self): ...\n"
            },
        )
    )
