from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import __version__

Run = Callable[..., Any]
COMMANDS = [
    "grade", "rubric check", "rubric new", "doctor", "images", "serve", "demo", "web", "work", "launcher", "migrate",
    "badge verify",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(grader: Run, command: str) -> None:
    ran = grader(*command.split(), "--help")

    assert ran.status == 0
    assert f"usage: grader {command}" in ran.out
    assert "grader " + command in ran.out.partition("examples:")[2]


def test_help_lists_every_command_and_exit_status(grader: Run) -> None:
    ran = grader("--help")

    assert ran.status == 0
    for word in {command.split()[0] for command in COMMANDS}:
        assert f"    {word} " in ran.out
    assert "rejected, or bad arguments" in ran.out


def test_the_version_is_the_packages(grader: Run) -> None:
    assert grader("--version").out == f"grader {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [[], ["grdae"], ["grade"], ["rubric"], ["rubric", "check", ".", "-j", "0"], ["serve", "--workers", "x"]],
)
def test_wrong_arguments_are_refused_with_where_help_is(grader: Run, arguments: list[str]) -> None:
    ran = grader(*arguments)

    assert ran.status == 2
    assert ran.err.startswith("error: ")
    assert "--help" in ran.err


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader.cli", "grade", "nowhere", "nothing"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("error: nowhere: there is no such folder\n")
