"""A suite of a teacher who keeps it outside this project, and a way to run the command."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main
from grader.sandbox.docker import DockerSandbox

RUBRIC = """\
rubric: 1
id: adding
version: 3
title: Add two numbers
sandbox: python
submission: {accepts: [repository], requires: [solution.py], max_size: 1m}
limits: {time: 60, test_time: 5, memory: 128m, disk: 8m}
pass_mark: 60
criteria:
  - {id: open, title: Adds, points: 6, tests: tests/test_open.py}
  - {id: shut, title: Adds more, points: 4, tests: tests/test_shut.py, visibility: hidden, hint: Think of big numbers.}
"""
FILES = {
    "rubric.yaml": RUBRIC,
    "tests/test_open.py": (
        "from solution import add\n\n\ndef test_small():\n    assert add(1, 2) == 3\n\n\n"
        "def test_negative():\n    assert add(-1, -2) == -3\n"
    ),
    "tests/test_shut.py": (
        "import pytest\nfrom solution import add\n\n\n@pytest.mark.parametrize('big', [10**20])\n"
        "def test_big(big):\n    assert add(big, 1) == big + 1, 'the secret is 42'\n"
    ),
    "examples/expected.yaml": "reference: {points: 10}\nempty: {points: 0}\nsmall: {at_most: 6}\n",
    "examples/reference/solution.py": "def add(a, b):\n    return a + b\n",
    "examples/empty/solution.py": "",
    "examples/small/solution.py": "def add(a, b):\n    return (a + b) % 1000 if a > 0 else a + b\n",
}
GOOD = FILES["examples/reference/solution.py"]
SMALL = FILES["examples/small/solution.py"]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's settings, and nothing written into the project."""
    for name in list(os.environ):
        if name.startswith("GRADER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def grader(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in this process."""

    def run(*arguments: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def graded(grader: Callable[..., Ran], docker_sandbox: DockerSandbox) -> Callable[..., Ran]:
    """The same for commands that need Docker; fails or skips where there is none."""
    return grader


@pytest.fixture
def make_suite(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes the suite with other or further files; None leaves one out."""

    def make(name: str = "adding", **changes: str | None) -> Path:
        folder = tmp_path / "teacher" / name
        renamed = {key.replace("__", "/").replace("_DOT_", "."): text for key, text in changes.items()}
        for path, text in {**FILES, **renamed}.items():
            if text is not None:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
        return folder

    return make


@pytest.fixture
def suite(make_suite: Callable[..., Path]) -> Path:
    return make_suite()


@pytest.fixture
def solution(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes a submission with this solution.py."""

    def write(text: str) -> Path:
        folder = tmp_path / "student"
        folder.mkdir(exist_ok=True)
        (folder / "solution.py").write_text(text)
        return folder

    return write
