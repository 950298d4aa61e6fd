"""Reads a suite's folder: rubric.yaml with every problem at its line, the files the examiner gets, the examples."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, RootModel, ValidationError

from grader.errors import RubricError
from grader.rubric.checks import check_rubric
from grader.rubric.explain import explain
from grader.rubric.model import Model, Rubric
from grader.rubric.source import Document, Problem, parse

RUBRIC_FILE = "rubric.yaml"
EXPECTED_FILE = "examples/expected.yaml"
_EXAMINED = ("tests/", "data/")
_NOT_EXAMINED = ("examples/", "starter/")
_JUNK_FOLDERS = {"__pycache__", ".git", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".ipynb_checkpoints"}
_EXAMPLE_FILES = (".zip", ".tar", ".tar.gz", ".tgz", ".py", ".ipynb")
_JUNK_FILES = {".DS_Store"}

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Suite:
    """A rubric with its files. `digest` covers paths and bytes of all but examples/ and starter/."""

    folder: Path
    rubric: Rubric
    digest: str
    test_files: dict[str, bytes] = field(repr=False)
    """tests/** and data/**: relative posix path to content. What the examiner's container receives."""
    brief: str = field(default="", repr=False)
    """brief.md, what the student is asked to do; empty when there is none."""


@dataclass(frozen=True)
class Example:
    """A sample submission of the suite and the score it must get: exactly `points`, or `at_most` so many."""

    name: str
    folder: Path
    """A folder, an archive, a .py or a .ipynb file."""
    points: float | None = None
    at_most: float | None = None


def load_suite(folder: Path) -> Suite:
    """Reads and checks a suite.

    Raises:
        RubricError: with every problem found in `.problems`, each `file:line:column: key: text` or `file: text`.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    files = _read_tree(folder, problems)
    if RUBRIC_FILE not in files:
        hint = "copy one from another suite, or make a suite with `grader rubric new`"
        problems.append(Problem(RUBRIC_FILE, 0, 0, f"is missing; {hint}"))
        raise _refusal(folder, problems)
    document = parse(files[RUBRIC_FILE], RUBRIC_FILE)
    rubric = _validate(Rubric, document)
    check_rubric(document, files)
    brief = _text(files.get("brief.md", b""), problems)
    problems += document.problems
    if problems or rubric is None:
        raise _refusal(folder, problems)
    kept = {path: data for path, data in files.items() if path.startswith(_EXAMINED)}
    return Suite(folder, rubric, _digest(files), kept, brief)


class _Expected(Model):
    points: Annotated[float, Field(ge=0)] | None = None
    at_most: Annotated[float, Field(ge=0)] | None = None


class _ExpectedFile(RootModel[dict[str, _Expected]]):
    pass


def load_examples(suite: Suite) -> list[Example]:
    """The sample submissions of a suite by name; none when it has no examples/ folder.

    Raises:
        RubricError: like `load_suite`, for examples/expected.yaml and the entries beside it.
    """
    folder = suite.folder / "examples"
    if not folder.is_dir():
        return []
    entries = {entry.name for entry in folder.iterdir() if _is_example(entry)}
    source = folder / "expected.yaml"
    if source.is_symlink() or not source.is_file():
        raise _refusal(suite.folder, [Problem(EXPECTED_FILE, 0, 0, "is missing; name in it the score of each example")])
    document = parse(source.read_bytes(), EXPECTED_FILE)
    expected = _validate(_ExpectedFile, document)
    named = document.data if isinstance(document.data, dict) else {}
    for name in entries - named.keys():
        document.problems.append(Problem(EXPECTED_FILE, 1, 1, f"says nothing of examples/{name}"))
    _check_expected(document, expected, entries, suite.rubric.max_points)
    if document.problems or expected is None:
        raise _refusal(suite.folder, document.problems)
    return [Example(name, folder / name, e.points, e.at_most) for name, e in sorted(expected.root.items())]


def _is_example(entry: Path) -> bool:
    if entry.is_dir():
        return entry.name not in _JUNK_FOLDERS
    return entry.name.endswith(_EXAMPLE_FILES)


def _check_expected(document: Document, expected: _ExpectedFile | None, entries: set[str], most: float) -> None:
    for name in document.data if isinstance(document.data, dict) else ():
        if name not in entries:
            document.add((name,), "there is no such entry in examples/")
    for name, score in expected.root.items() if expected else ():
        given = [value for value in (score.points, score.at_most) if value is not None]
        if len(given) != 1:
            document.add((name,), "give it one of `points` and `at_most`")
        elif given[0] > most:
            document.add((name,), f"the rubric has only {most:g} points")


def _validate(model: type[M], document: Document) -> M | None:
    if document.data is None:
        return None
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        explain(document, error, model)
        return None


def _refusal(folder: Path, problems: list[Problem]) -> RubricError:
    lines = list(dict.fromkeys(str(problem) for problem in sorted(problems)))
    count = "a problem" if len(lines) == 1 else f"{len(lines)} problems"
    return RubricError(f"the suite has {count}", where=str(folder), problems=lines)


def _read_tree(folder: Path, problems: list[Problem]) -> dict[str, bytes]:
    if not folder.is_dir():
        raise RubricError("there is no such folder", where=str(folder), fix="name a folder that holds a rubric.yaml")
    files: dict[str, bytes] = {}
    for path, entry in _walk(folder, ""):
        try:
            path.encode()
            mode = entry.stat(follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode):
                kind = "a symlink" if stat.S_ISLNK(mode) else "neither a file nor a folder"
                problems.append(Problem(path, 0, 0, f"is {kind}; put a plain file there"))
            elif not path.startswith(_NOT_EXAMINED):
                files[path] = Path(entry.path).read_bytes()
        except UnicodeEncodeError:
            problems.append(Problem(ascii(path), 0, 0, "its name is not UTF-8 text"))
        except OSError as error:
            problems.append(Problem(path, 0, 0, f"cannot be read: {error.strerror}"))
    return dict(sorted(files.items()))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry that is not a folder, with its posix path; leaves out what Python, pytest and git leave behind."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _JUNK_FOLDERS:
                    yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.name not in _JUNK_FILES and not entry.name.endswith((".pyc", ".pyo")):
                yield prefix + entry.name, entry


def _text(raw: bytes, problems: list[Problem]) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(Problem("brief.md", raw[: error.start].count(b"\n") + 1, 1, "is not UTF-8 text"))
        return ""


def _digest(files: dict[str, bytes]) -> str:
    """Hashes path, NUL and content hash of each file; a path holds no NUL, so no two trees hash the same text."""
    whole = hashlib.sha256()
    for path in sorted(files, key=str.encode):
        whole.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return f"sha256:{whole.hexdigest()}"
