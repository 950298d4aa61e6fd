"""Lint issues of a submission's Python files. ruff reads the files; nothing of them runs.

The files are hostile: they may silence rules, hide behind names, crash ruff or make it write without end. Suppression
comments and settings have no effect, ruff's time, memory and output are bounded, and a file that ruff cannot read
counts one issue for each of its lines.
"""

from __future__ import annotations

import functools
import io
import json
import subprocess
import tempfile
import time
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ruff  # type: ignore[import-untyped]

from grader.errors import ExamError
from grader.rubric.model import Quality

ALL_POINTS = 10**9
"""A count that costs every criterion all of its points: the most points by the cheapest issue the model allows."""
PYTHON = "py311"
_ARGUMENTS = ("check", "--isolated", "--ignore-noqa", "--no-cache", "--exit-zero", "--output-format", "json-lines")
_LIMITED = 'ulimit -c 0; ulimit -f 65536; ulimit -v 4194304 2>/dev/null; exec "$@"'  # 32 MB of output, 4 GB of memory
_RUN_SECONDS = 20.0
_MAX_RUNS = 200
_MAX_FILE = 512 * 1024
_MAX_TOTAL = 4 * 1024 * 1024
_MAX_LISTED = 200
_LINE = 80


_SILENT = {
    tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.STRING, tokenize.ENDMARKER,
}  # fmt: skip
"""Tokens of a file that says nothing: comments, strings and white space."""


@dataclass(frozen=True)
class QualityIssue:
    """`count` issues of one kind; more than one only where listing each would help nobody."""

    path: str
    line: int
    code: str
    message: str
    count: int = 1


def check(files: Mapping[str, bytes], spec: Quality, *, seconds: float = 120.0) -> list[QualityIssue]:
    """The issues in a submission's .py files, by path and line.

    A file that does not parse, or is too large to check, counts one issue for each line or 80 bytes of it. Without any
    .py file that holds more than comments, documents and `pass` there is one issue that costs everything.

    Raises:
        ExamError: ruff is missing, refuses the rules, or takes longer than `seconds` over all files.
    """
    python = {path: data for path, data in sorted(files.items()) if path.endswith(".py")}
    if not any(map(_has_code, python.values())):
        return [QualityIssue("", 0, "no-python", "there is no Python code to check", ALL_POINTS)]
    with tempfile.TemporaryDirectory(prefix="grader-quality-") as folder:
        root = Path(folder).resolve()
        readable = [path for path, data in _affordable(python) if _write(root / "tree", path, data)]
        issues = _Linter(root, spec, time.monotonic() + seconds).lint(readable)
    by_file = {path: [issue for issue in issues if issue.path == path] for path in {i.path for i in issues}}
    found: list[QualityIssue] = []
    for path, data in python.items():
        unread = path not in readable or any(i.code == "unreadable" for i in by_file.get(path, ()))
        found += [_unreadable(path, data)] if unread else by_file.get(path, [])
    return found


def _has_code(data: bytes) -> bool:
    """Whether a file says anything; one that cannot be read does, and pays for it elsewhere."""
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type not in _SILENT and token.string not in ("pass", "..."):
                return True
    except (SyntaxError, UnicodeError, tokenize.TokenError):
        return bool(data.strip())
    return False


@functools.cache
def refusal(select: tuple[str, ...]) -> str | None:
    """Why ruff does not take these rule codes, or None when it does."""
    return _refusal(select)


def _refusal(select: Sequence[str]) -> str | None:
    command = [_ruff(), *_ARGUMENTS, "--select", ",".join(select), "-"]
    try:
        done = subprocess.run(command, input=b"", capture_output=True, timeout=_RUN_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExamError(f"ruff does not run: {error}") from error
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").split("Cause:")
    return " ".join(lines[-1].split()).removesuffix(" in `select` from the CLI") or f"ruff ended with {done.returncode}"


def _ruff() -> str:
    try:
        return str(ruff.find_ruff_bin())
    except FileNotFoundError as error:
        raise ExamError("ruff is not installed beside Grader") from error


def _affordable(python: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The files that are UTF-8 and small enough, until together they are too large."""
    total = 0
    for path, data in python.items():
        if len(data) > _MAX_FILE or total + len(data) > _MAX_TOTAL or not _is_text(data):
            continue
        total += len(data)
        yield path, data


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _write(root: Path, path: str, data: bytes) -> bool:
    """Writes one file below root; False for a path that would leave it or that the file system refuses."""
    try:
        target = (root / path).resolve()
        if "\\" in path or not target.is_relative_to(root) or target.relative_to(root).as_posix() != path:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
    except (OSError, ValueError):
        return False
    return True


def _unreadable(path: str, data: bytes) -> QualityIssue:
    lines = sum(1 for line in data.splitlines() if line.strip())
    count = max(1, lines, -(-len(data) // _LINE))
    return QualityIssue(path, 1, "unreadable", "is not Python that can be checked: its lines count as issues", count)


class _Linter:
    """Runs ruff over files, and over ever smaller groups of them when it dies, to find the file that kills it."""

    def __init__(self, root: Path, spec: Quality, deadline: float) -> None:
        self.root = root
        self.command = [_ruff(), *_ARGUMENTS, "--target-version", PYTHON, "--select", ",".join(spec.select), "--"]
        self.spec = spec
        self.deadline = deadline
        self.runs = 0

    def lint(self, paths: Sequence[str]) -> list[QualityIssue]:
        if not paths:
            return []
        if self.runs < _MAX_RUNS:
            self.runs += 1
            if self._run(paths):
                return list(self._issues())
            if self.runs == 1 and (reason := _refusal(self.spec.select)):
                raise ExamError(f"ruff cannot check: {reason}")
            if len(paths) > 1:
                half = len(paths) // 2
                return self.lint(paths[:half]) + self.lint(paths[half:])
        return [QualityIssue(path, 1, "unreadable", "") for path in paths]

    def _run(self, paths: Sequence[str]) -> bool:
        """Whether ruff came to its end; its output is then in the file `out`."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise ExamError("checking the code's quality took too long")
        command = ["/bin/sh", "-c", _LIMITED, "sh", *self.command, *(f"./{path}" for path in paths)]
        with (self.root / "out").open("wb") as out:
            try:
                done = subprocess.run(
                    command,
                    cwd=self.root / "tree",
                    env={"RAYON_NUM_THREADS": "2", "NO_COLOR": "1"},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.DEVNULL,
                    timeout=min(left, _RUN_SECONDS),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return False
            except OSError as error:
                raise ExamError(f"ruff does not run: {error}") from error
        return done.returncode == 0

    def _issues(self) -> Iterator[QualityIssue]:
        with (self.root / "out").open("rb") as out:
            yield from _collapse(self._issue(json.loads(line)) for line in out if line.strip())

    def _issue(self, entry: dict[str, object]) -> QualityIssue:
        path = Path(str(entry["filename"])).relative_to(self.root / "tree").as_posix()
        location = entry["location"]
        line = location["row"] if isinstance(location, dict) else 1
        code = str(entry["code"])
        unread = code in ("invalid-syntax", "E902", "None")
        return QualityIssue(path, int(line), "unreadable" if unread else code, str(entry["message"]))


def _collapse(issues: Iterable[QualityIssue]) -> Iterator[QualityIssue]:
    """The first issues of each file, and one that counts the rest."""
    seen: dict[str, int] = {}
    unreadable: set[str] = set()
    for issue in issues:
        seen[issue.path] = seen.get(issue.path, 0) + 1
        if seen[issue.path] <= _MAX_LISTED or (issue.code == "unreadable" and issue.path not in unreadable):
            yield issue
        if issue.code == "unreadable":
            unreadable.add(issue.path)
    for path, count in seen.items():
        if count > _MAX_LISTED:
            rest = count - _MAX_LISTED
            yield QualityIssue(path, 1, "more", f"and {rest} more issues in this file", rest)
