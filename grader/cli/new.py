"""`grader rubric new`: a small suite to start from, or one made from an instructor's notebook."""

from __future__ import annotations

import os
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from grader.author import Made, Note, make_suite, read_assignment, skeleton
from grader.author.questions import slug
from grader.cli.places import find_settings
from grader.cli.view import err, number, out, printable
from grader.errors import BadInput, RubricError
from grader.intake.notebook import MAX_BYTES
from grader.rubric import load_examples, load_suite
from grader.sandbox.recipe import find_recipes

_COLOURS = {"lost": "red", "doubt": "yellow", "told": "dim"}
_WORDS = {"lost": "not converted", "doubt": "look at", "told": "note"}


def run(arguments: Namespace) -> int:
    """Write the suite and say what is in it; the exit status. Raises BadInput before anything is written."""
    folder = Path(arguments.folder)
    _check_free(folder)
    _check_sandbox(arguments.sandbox)
    id = arguments.id or slug(folder.resolve().name, "suite")
    if arguments.notebook is None:
        if arguments.beside:
            raise BadInput("there is no notebook for these files", where="--with", fix="Name it with --from.")
        _write(folder, skeleton(id, arguments.title or id.replace("-", " ").capitalize(), arguments.sandbox))
        out.print(Text(f"{folder}: a small suite that works; change it into yours", style="green"))
    else:
        _convert(folder, id, arguments)
    out.print(Text(f"Next: grader rubric check {folder}"))
    return 0


def _convert(folder: Path, id: str, arguments: Namespace) -> None:
    notebook = Path(arguments.notebook)
    content = _read(notebook, "--from")
    beside = _read_beside(arguments.beside, notebook)
    assignment = read_assignment(content, notebook.name)
    for name in _missing(assignment.files, beside):
        assignment.note("doubt", 0, f"the notebook asks for {name}: give it with --with {name}")
    for name in _mentioned(notebook, content, {*beside, *assignment.files}):
        assignment.note("doubt", 0, f"{name} lies beside the notebook, which names it: give it with --with {name}")
    made = make_suite(assignment, id, arguments.title or "", arguments.sandbox, beside)
    _write(folder, made.files)
    _show(folder, made)


def _check_free(folder: Path) -> None:
    fix = "Name a folder that does not exist yet, or an empty one."
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BadInput("it is no folder", where=str(folder), fix=fix)
    if folder.is_dir() and any(folder.iterdir()):
        raise BadInput("the folder is not empty, and nothing is written over", where=str(folder), fix=fix)


def _check_sandbox(name: str) -> None:
    settings = find_settings()
    known = [recipe.name for recipe in find_recipes(settings.sandboxes) if recipe.name != "examiner"]
    if known and name not in known:
        raise BadInput(f"there is no sandbox {name!r}", where="--sandbox", fix=f"There are: {', '.join(known)}.")


def _read(path: Path, where: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} is too large", where=where, fix=f"At most {MAX_BYTES // 1024**2} MiB are read.")
        return path.read_bytes()
    except OSError as error:
        fix = "Name a file that can be read."
        raise BadInput(f"{path} cannot be read: {error.strerror}", where=where, fix=fix) from error


def _read_beside(paths: Sequence[str], notebook: Path) -> dict[str, bytes]:
    """The files by the path they have from the notebook's folder; one that lies elsewhere by its name."""
    home = notebook.resolve().parent
    found: dict[str, bytes] = {}
    for given in paths:
        path = Path(given) if Path(given).exists() else home / given
        whole = path.resolve()
        name = whole.relative_to(home).as_posix() if whole.is_relative_to(home) else path.name
        if name in found or whole == notebook.resolve():
            raise BadInput(f"{name} is given twice", where="--with", fix="Name each file once.")
        found[name] = _read(path, "--with")
    return found


def _missing(names: Iterable[str], beside: Mapping[str, bytes]) -> list[str]:
    return [name for name in names if name not in beside]


def _mentioned(notebook: Path, content: bytes, known: set[str]) -> list[str]:
    """Files beside the notebook whose names stand in quotes in it: most likely it reads them."""
    try:
        beside = sorted(path.name for path in notebook.resolve().parent.iterdir() if path.is_file())
    except OSError:
        return []
    quoted = [f"{quote}{name}{quote}" for name in beside for quote in ("'", '\\"')]
    found = [word.strip("'\\\"") for word in quoted if word.encode() in content]
    return [name for name in dict.fromkeys(found) if name not in known]


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files or none. Raises BadInput where that is not possible, RubricError for a suite with problems."""
    parent = folder.resolve().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=parent))
    except OSError as error:
        raise BadInput(
            f"cannot write there: {error.strerror}", where=str(folder), fix="Name another folder."
        ) from error
    try:
        for path, content in files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(content)
        load_examples(load_suite(made))
        made.chmod(0o777 & ~_umask())
        made.replace(folder.resolve())
    except RubricError as error:
        raise RubricError(error.message, where=str(folder), fix=error.fix, problems=error.problems) from error
    except OSError as error:
        raise BadInput(
            f"cannot write there: {error.strerror}", where=str(folder), fix="Name another folder."
        ) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _show(folder: Path, made: Made) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in ("criterion", "points", "judged by", "visibility", "cells"):
        table.add_column(title, justify="right" if title == "points" else "left")
    for row in made.rows:
        who = "a person" if row.kind == "review" else "tests"
        table.add_row(row.id, number(row.points), who, row.visibility, ", ".join(map(str, row.cells)))
    out.print(table)
    for note in sorted(made.notes, key=lambda note: [*_COLOURS].index(note.weight), reverse=True):
        err.print(_told(note), soft_wrap=True)
    total = number(sum(row.points for row in made.rows))
    lost = sum(note.weight == "lost" for note in made.notes)
    verdict = f"{folder}: {len(made.rows)} criteria, {total} points, read as {' and '.join(made.formats)}"
    out.print(Text(printable(verdict), style="green"))
    if lost:
        err.print(Text(f"warning: {lost} of the notebook's tests are not in the suite, see above", style="red"))


def _told(note: Note) -> Text:
    word = Text(f"{_WORDS[note.weight]}: ", style=_COLOURS[note.weight])
    return word.append(printable(str(note)), style="default")
