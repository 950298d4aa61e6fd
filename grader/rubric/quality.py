"""Lint issues of a submission's Python files and notebooks. ruff reads the files; nothing of them runs.

The files are hostile: they may silence rules, hide behind names, crash ruff or make it write without end. Suppression
comments and settings have no effect, ruff's time, memory and output are bounded, and a file that ruff cannot read
counts one issue for each of its lines.

ruff passes over cells that it takes for another language. So each code cell is shown to it alone twice, as it is and
with a mistake added: what gives an error as it is cannot be read, what gives none with the mistake was not looked at,
and the lines of both count. Cells that hide behind a string left open in another one are found by that too.
"""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import tempfile
import time
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import ruff  # type: ignore[import-untyped]

from grader.errors import ExamError
from grader.rubric import cells
from grader.rubric.model import Quality

ALL_POINTS = 10**9
"""A count that costs every criterion all of its points: the most points by the cheapest issue the model allows."""
PYTHON = "py311"
_ARGUMENTS = ("check", "--isolated", "--ignore-noqa", "--no-cache", "--exit-zero", "--output-format", "json-lines")
_LIMITED = 'ulimit -c 0; ulimit -f 65536; ulimit -v 4194304 2>/dev/null; exec "$@"'  # 32 MB of output, 4 GB of memory
_RUN_SECONDS = 20.0
_MAX_RUNS = 200
_MAX_FILE = 512 * 1024
_MAX_NOTEBOOK = 1024 * 1024  # of JSON
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
    """The issues in a submission's .py files and in the code cells of its notebooks, by path and line.

    In a notebook lines are those of the cell that the message names, counted from 1. A file or cell that does not
    parse, is written in another language or is too large to check counts one issue for each line or 80 bytes of it.
    Without any file that holds more than comments, documents, magics and `pass` there is one issue that costs
    everything.

    Raises:
        ExamError: ruff is missing, refuses the rules, or takes longer than `seconds` over all files.
    """
    python = {path: data for path, data in sorted(files.items()) if path.endswith(".py")}
    deadline = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="grader-quality-") as folder:
        root = Path(folder).resolve()
        notebooks = _notebooks(files, _MAX_TOTAL - sum(len(data) for _, data in _affordable(python)))
        _look(root / "look", notebooks, deadline)
        if not any(map(_has_code, python.values())) and not any(map(_Notebook.has_code, notebooks)):
            return [QualityIssue("", 0, "no-python", "there is no Python code to check", ALL_POINTS)]
        readable = {path: None for path, data in _affordable(python) if _write(root / "tree", path, data)}
        books = [book.name for book in notebooks if _write(root, book.name, cells.write(book.python))]
        (root / "tree").mkdir(exist_ok=True)
        issues = _Linter(root, spec, deadline).lint([*readable, *(f"../{name}" for name in books)])
    by_file: dict[str, list[QualityIssue]] = {}
    for issue in issues:
        by_file.setdefault(issue.path, []).append(issue)
    found = {path: _of_file(path, data, by_file.get(path, []), path in readable) for path, data in python.items()}
    found |= {book.path: book.issues(by_file.get(f"../{book.name}", [])) for book in notebooks}
    return [issue for path in sorted(found) for issue in found[path]]


def _of_file(path: str, data: bytes, issues: list[QualityIssue], is_readable: bool) -> list[QualityIssue]:
    unread = not is_readable or any(issue.code == "unreadable" for issue in issues)
    return [_unreadable(path, data)] if unread else issues


@dataclass
class _Notebook:
    """One notebook: `name` is what ruff knows it by, `whole` is its code, or all of it where that cannot be told."""

    path: str
    name: str
    whole: bytes
    sources: cells.Sources = field(default_factory=dict)
    readable: bool = False
    broken: cells.Sources = field(default_factory=dict)
    hidden: cells.Sources = field(default_factory=dict)

    @property
    def python(self) -> cells.Sources:
        return {n: s for n, s in self.sources.items() if n not in self.broken and n not in self.hidden}

    def has_code(self) -> bool:
        """Whether it says anything in Python; one that is too large does, and pays for it elsewhere."""
        if not self.readable:
            return bool(self.sources and self.whole.strip())
        says = any(_has_code(cells.without_magics(source)) for source in self.python.values())
        return says or any(source.strip() for source in self.broken.values())

    def issues(self, found: Sequence[QualityIssue]) -> list[QualityIssue]:
        if not self.readable or any(issue.code == "unreadable" for issue in found):
            return [_unreadable(self.path, self.whole)]
        unread = self.broken | {n: s for n, s in self.hidden.items() if not cells.is_command(s)}
        counts = {n: _unreadable(self.path, source.encode(), f"cell {n + 1}: ") for n, source in unread.items()}
        if len(counts) > _MAX_LISTED:
            lines = sum(issue.count for issue in counts.values())
            message = f"{len(counts)} cells are not Python that can be checked: their lines count as issues"
            counts = {0: QualityIssue(self.path, 1, "unreadable", message, lines)}
        return [counts[n] for n in sorted(counts)] + [replace(issue, path=self.path) for issue in found]


def _notebooks(files: Mapping[str, bytes], room: int) -> list[_Notebook]:
    """The notebooks; readable are those that hold code and are small enough, until together they are too large."""
    books: list[_Notebook] = []
    many = 0
    for path, data in sorted(files.items()):
        if not cells.is_notebook(path):
            continue
        sources = cells.read(data)
        if sources is None:
            books.append(_Notebook(path, f"books/{len(books)}.ipynb", data))
            continue
        book = _Notebook(path, f"books/{len(books)}.ipynb", "\n".join(sources.values()).encode(), sources)
        size = len(cells.write(sources))
        book.readable = size <= min(_MAX_NOTEBOOK, room) and many + len(sources) <= cells.MAX_CELLS
        if book.readable:
            room, many = room - size, many + len(sources)
        books.append(book)
    return books


def _look(root: Path, notebooks: Sequence[_Notebook], deadline: float) -> None:
    """Find the cells that ruff cannot read, and those that it does not look at."""
    (root / "tree").mkdir(parents=True)
    alone = {f"{b}-{n}": s for b, book in enumerate(notebooks) if book.readable for n, s in book.sources.items()}
    for name, source in alone.items():
        _write(root / "tree", f"{name}.ipynb", cells.write({0: "", 1: source}))
        _write(root / "tree", f"{name}-not.ipynb", cells.write({0: "", 1: f"{source}\n\n)\n"}))
    looked = _Linter(root, Quality(select=["E902"]), deadline).lint(
        [f"{name}{end}.ipynb" for end in ("", "-not") for name in alone]
    )
    failed = {issue.path for issue in looked if issue.code == "unreadable"}
    for b, book in enumerate(notebooks):
        for n, source in book.sources.items() if book.readable else ():
            if f"{b}-{n}.ipynb" in failed:
                book.broken[n] = source
            elif f"{b}-{n}-not.ipynb" not in failed:
                book.hidden[n] = source


def _has_code(data: bytes) -> bool:
    """Whether a file says anything; one that cannot be read does, and pays for it elsewhere."""
    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type not in _SILENT and token.string not in ("pass", "..."):
                return True
    except (SyntaxError, ValueError, LookupError, tokenize.TokenError):  # LookupError: an encoding that is no text's
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


def _unreadable(path: str, data: bytes, where: str = "") -> QualityIssue:
    lines = sum(1 for line in data.splitlines() if line.strip())
    count = max(1, lines, -(-len(data) // _LINE))
    message = f"{where}is not Python that can be checked: its lines count as issues"
    return QualityIssue(path, 1, "unreadable", message, count)


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
        path = os.path.relpath(str(entry["filename"]), self.root / "tree")
        where = f"cell {entry['cell']}: " if entry.get("cell") else ""
        location = entry["location"]
        line = location["row"] if isinstance(location, dict) else 1
        code = str(entry["code"])
        unread = code in ("invalid-syntax", "E902", "None")
        return QualityIssue(path, int(line), "unreadable" if unread else code, f"{where}{entry['message']}")


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
