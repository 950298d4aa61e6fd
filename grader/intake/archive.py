"""Uploads and folders as trees: zip, tar, tar.gz, one Python file, one notebook, or a folder on this machine."""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.errors import SubmissionRejected
from grader.intake.collect import Collector, bounded, ignored, refuse_mode, reject, safe_parts, show
from grader.intake.notebook import clean
from grader.intake.tars import read_tar
from grader.intake.tree import MIB, IntakeLimits, Tree
from grader.intake.zips import read_zip

_USE = "Hand in a .zip, a .tar.gz, a single .py file or a notebook (.ipynb)."
_ZIP, _EMPTY_ZIP, _GZIP, _TAR = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"ustar"
_OTHERS = {
    b"BZh": "A tar.bz2 archive cannot be used.",
    b"\xfd7zXZ\0": "A tar.xz archive cannot be used.",
    b"\x28\xb5\x2f\xfd": "A tar.zst archive cannot be used.",
    b"7z\xbc\xaf\x27\x1c": "A 7z archive cannot be used.",
    b"Rar!": "A rar archive cannot be used.",
    b"PK\x07\x08": "A zip in several parts cannot be used.",
}
_COPY_NUMBER = re.compile(r" ?\(\d{1,3}\)$")  # "solution (1).py", as browsers name a second download
_MAX_STEM = 100


def read_archive(data: BinaryIO | bytes, name: str, limits: IntakeLimits | None = None) -> Tree:
    """Read an upload, unpacking it in memory.

    The bytes decide what it is; `name` (attacker text, never used as a path) only tells a Python file from a notebook.
    One folder that wraps everything is stripped. Raises SubmissionRejected, and no other error, for content that cannot
    be used; errors of reading `data` itself pass through.
    """
    limits = limits or IntakeLimits()
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    where = show(name)
    content = bounded(stream.read, limits, where)
    try:
        return _read(content, name, Collector(limits))
    except SubmissionRejected as error:
        inner = f"{where}: {error.where}" if error.where not in ("", where) else where
        raise SubmissionRejected(error.message, where=inner, fix=error.fix) from error


def _read(content: bytes, name: str, into: Collector) -> Tree:
    if not content:
        reject("The file is empty.", fix=_USE)
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        read_zip(content, into)
        return into.tree(unwrap=True)
    if content.startswith(_GZIP) or content[257:262] == _TAR:
        read_tar(content, into)
        return into.tree(unwrap=True)
    ending = _basename(name).lower()
    if ending.endswith(".py"):
        return _python_file(content, name, into)
    if ending.endswith(".ipynb"):
        return _notebook(content, name, into)
    for magic, message in _OTHERS.items():
        if content.startswith(magic):
            reject(message, fix=_USE)
    if ending.endswith((".zip", ".tar", ".tgz", ".gz")):
        reject("The file is not the archive that its name says, or it is damaged.", fix=_USE)
    raise SubmissionRejected("This kind of file cannot be graded.", fix=_USE)


def _python_file(content: bytes, name: str, into: Collector) -> Tree:
    if b"\0" in content:
        reject("The file is named .py but is not text.", fix="Hand in the Python source.")
    path = safe_name(name, "submission") + ".py"
    into.file(path, [content])
    return into.tree()


def _notebook(content: bytes, name: str, into: Collector) -> Tree:
    path = safe_name(name, "notebook") + ".ipynb"
    into.room_for(path, len(content))
    into.file(path, [clean(content)])
    return into.tree("notebook")


def _basename(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].strip()


def safe_name(name: str, default: str) -> str:
    """The stem of an uploaded file's name as letters, digits, `_`, `-` and `.` only; `default` if nothing remains."""
    stem = unicodedata.normalize("NFC", PurePosixPath(_basename(name)).stem)
    stem = _COPY_NUMBER.sub("", stem)
    stem = "".join(c if c.isalnum() or c in "_-." else "_" for c in stem).lstrip(".-")[:_MAX_STEM]
    while len(stem.encode()) > 2 * _MAX_STEM:
        stem = stem[:-1]
    return stem.rstrip(".") or default


def read_folder(path: Path, limits: IntakeLimits | None = None) -> Tree:
    """Read a folder of this machine with an upload's checks; links are refused and no wrapping folder is stripped.

    Raises SubmissionRejected, also when the folder is missing or unreadable.
    """
    into = Collector(limits or IntakeLimits())
    if not path.is_dir():
        reject("There is no such folder.", where=str(path))
    try:
        for entry in _walk(os.fspath(path), "", into):
            clean = into.path(entry)
            if clean is not None:
                into.file(clean, _pieces(path / entry, entry))
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise SubmissionRejected(f"The folder cannot be read: {reason}.", where=show(str(path))) from error
    return into.tree()


def _walk(folder: str, prefix: str, into: Collector) -> Iterator[str]:
    """Relative paths of the files below, checking every name on the way and counting folders too."""
    with os.scandir(folder) as entries:
        for entry in entries:
            into.count()
            name = f"{prefix}{entry.name}"
            if ignored(safe_parts(name)):
                continue
            info = entry.stat(follow_symlinks=False)
            is_folder = stat.S_ISDIR(info.st_mode)
            refuse_mode(info.st_mode, name, is_folder=is_folder)
            if not is_folder:
                yield name
            elif into.path(name) is not None:
                yield from _walk(entry.path, f"{name}/", into)


def _pieces(path: Path, name: str) -> Iterator[bytes]:
    """The file's bytes. It was plain when listed; if it was swapped for something else since, it is refused."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        refuse_mode(os.fstat(descriptor).st_mode, name, is_folder=False)
        while piece := file.read(MIB):
            yield piece
