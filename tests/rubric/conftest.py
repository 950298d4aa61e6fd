from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from grader.errors import RubricError
from grader.rubric import Suite, load_suite

GOOD = """\
rubric: 1
id: linear-model
version: 3
title: Fit a line
summary: Fits a line to noisy data.
sandbox: python-ml
submission:
  accepts: [repository, notebook]
  requires: [solution.py]
  notebook: analysis.ipynb
  max_size: 50m
limits: {time: 120, memory: 1g, cpus: 1, disk: 256m, processes: 128, output: 1m, gpus: 0}
attempts: {count: 10, per: day}
pass_mark: 70
skills:
  - {id: regression, name: Supervised regression, uri: "https://example.org/skill/regression",
     levels: {foundation: 50, proficient: 70, advanced: 90}}
criteria:
  - id: works
    title: Predicts a line
    points: 60
    tests: tests/test_predict.py
    visibility: visible
    skills: [regression]
  - id: accuracy
    title: Error on held-out data
    points: 30
    metric:
      test: tests/test_accuracy.py::test_rmse
      name: rmse
      goal: lower
      bands: [{at: 1.0, points: 10}, {at: 0.5, points: 30}]
    visibility: hidden
  - id: clarity
    title: Readable code
    points: 10
    quality: {tool: ruff, select: [E, F, B], per_issue: 1}
  - id: report
    title: Explains the choice of model
    points: 20
    review:
      levels:
        - {name: missing, points: 0}
        - {name: sound, points: 12}
        - {name: convincing, points: 20}
"""
FILES = {
    "rubric.yaml": GOOD,
    "brief.md": "# Fit a line\n",
    "tests/test_predict.py": "class TestLine:\n    def test_slope(self): ...\n\n\ndef test_line(): ...\n",
    "tests/test_accuracy.py": "def test_rmse(metric): ...\n",
    "data/points.csv": "x,y\n1,2\n",
    "starter/solution.py": "",
    "examples/expected.yaml": "reference: {points: 100}\nempty: {at_most: 0}\nsingle.py: {at_most: 50}\n",
    "examples/reference/solution.py": "",
    "examples/empty/.gitkeep": "",
    "examples/single.py": "",
}
MakeSuite = Callable[..., Path]


@pytest.fixture
def good() -> str:
    """The rubric.yaml of the good suite."""
    return GOOD


@pytest.fixture
def make_suite(tmp_path: Path) -> MakeSuite:
    """Writes a good suite; keywords replace text in rubric.yaml, `files` replaces whole files (None removes one)."""

    def make(
        *changes: tuple[str, str], files: dict[str, str | bytes | None] | None = None, name: str = "suite"
    ) -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text, f"{old!r} is not in the good rubric"
            text = text.replace(old, new, 1)
        for path, content in {**FILES, "rubric.yaml": text, **(files or {})}.items():
            if content is not None:
                target = tmp_path / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return make


@pytest.fixture
def suite(make_suite: MakeSuite) -> Suite:
    return load_suite(make_suite())


@pytest.fixture
def problems(make_suite: MakeSuite) -> Callable[..., list[str]]:
    """The problems of a suite made like `make_suite`; a test that expects some fails when it loads."""

    def find(*changes: tuple[str, str], files: dict[str, str | bytes | None] | None = None) -> list[str]:
        with pytest.raises(RubricError) as caught:
            load_suite(make_suite(*changes, files=files))
        return caught.value.problems

    return find


@pytest.fixture
def yaml_problems(problems: Callable[..., list[str]]) -> Callable[[str], list[str]]:
    """The problems of a whole rubric.yaml."""
    return lambda text: problems(files={"rubric.yaml": dedent(text)})
