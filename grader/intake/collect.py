"""The one gate every file of a submission passes, whichever container it came in."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable, Iterable
from typing import NoReturn

from grader.errors import SubmissionRejected
from grader.intake.tree import MIB, IntakeLimits, Kind, Tree

IGNORED = frozenset({
    ".git", ".hg", ".svn", "__pycache__", ".venv", "node_modules", ".DS_Store", "__MACOSX",
    ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", "Thumbs.db", "desktop.ini",
})  # fmt: skip
"""Names left out of every tree, with all that lies under them. `._*` (macOS) is left out too."""

RAW_FACTOR = 10
"""A container may list this many times `max_entries` when the surplus lies in ignored folders, never unpacked."""

_DRIVE = re.compile(r"[A-Za-z]:")
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_BAD_CHARACTER = re.compile(f"[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_BIDI}]")
_MAX_RAW = 1024  # no honest path is longer, not even in an ignored folder
_NAME_BYTES = 255  # what a Linux file system takes for one name
_SHOWN = 120
_BOMB_RATIO = 100
_LFS = b"version https://git-lfs.github.com/spec/v1\n"

LEAVE_OUT = "Leave large data, models and .venv out of the submission."
_RENAME = "Rename it and make the archive again."
_PLAIN = "Put the file itself there instead, then make the archive again."


def show(name: str) -> str:
    """A name for a message: cut short, with control and direction characters spelled out."""
    cut = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def reject(message: str, *, where: str = "", fix: str = "") -> NoReturn:
    """Raise SubmissionRejected; `where` may be attacker text and is made printable."""
    raise SubmissionRejected(message, where=show(where), fix=fix)


def megabytes(size: int) -> str:
    """A size for a message."""
    return f"{size / MIB:.4g} MiB" if size >= MIB else f"{size} bytes"


def safe_parts(raw: str) -> tuple[str, ...]:
    """Split a name from outside into its parts; `.` and empty parts fall away.

    Raises SubmissionRejected for a name that could leave the submission's folder, cannot be shown or is absurdly long.
    """
    if len(raw) > _MAX_RAW:
        reject(f"A path is longer than {_MAX_RAW} characters.", where=raw, fix="Use shorter names.")
    if _BAD_CHARACTER.search(raw):
        reject(
            "There is an unsafe path: it holds invisible, control or undecodable characters.", where=raw, fix=_RENAME
        )
    if "\\" in raw:
        fix = "Folders are divided by /: make the archive with another program."
        reject("There is an unsafe path: it holds a backslash.", where=raw, fix=fix)
    parts = tuple(part for part in raw.split("/") if part not in ("", "."))
    if raw.startswith("/") or _DRIVE.match(raw):
        fix = "Pack the folder so that paths start inside it."
        reject("There is an unsafe path: it does not start in the submission.", where=raw, fix=fix)
    if ".." in parts or "~" in parts:
        fix = "Pack the project's folder from inside it."
        reject("There is an unsafe path: it leads outside the submission.", where=raw, fix=fix)
    return parts


def ignored(parts: Iterable[str]) -> bool:
    return any(part in IGNORED or part.startswith("._") for part in parts)


class Collector:
    """Gathers checked files in memory and makes the Tree; its methods raise SubmissionRejected at the first breach."""

    def __init__(self, limits: IntakeLimits) -> None:
        self.limits = limits
        self.notes: list[str] = []
        self._files: dict[str, bytes] = {}
        self._file_keys: set[str] = set()
        self._folder_keys: set[str] = set()
        self._size = 0
        self._listed = 0
        self._kept = 0

    def count(self) -> None:
        """Note one more entry of the container, kept or not."""
        self._listed += 1
        self.expect(self._listed)

    def expect(self, listed: int) -> None:
        """Refuse a container that says it lists this many entries when that is more than could ever be taken."""
        if listed > self.limits.max_entries * RAW_FACTOR:
            self._too_many()

    def path(self, raw: str) -> str | None:
        """The clean path of an entry, or None when it is ignored. Only for entries that `count` has seen."""
        parts = safe_parts(raw)
        if ignored(parts):
            return None
        self._kept += 1
        if self._kept > self.limits.max_entries:
            self._too_many()
        path = unicodedata.normalize("NFC", "/".join(parts))
        if len(path) > self.limits.max_path or any(len(part.encode()) > _NAME_BYTES for part in path.split("/")):
            reject(f"A path is longer than {self.limits.max_path} characters.", where=raw, fix="Use shorter names.")
        if len(parts) > self.limits.max_depth:
            reject(
                f"Folders are nested deeper than {self.limits.max_depth} levels.",
                where=raw,
                fix="Move the files further up.",
            )
        return path

    def folder(self, path: str) -> None:
        """Take a folder: it is not kept, but no file may have its name."""
        if path:
            self._enter(path, is_file=False)

    def file(self, path: str, chunks: Iterable[bytes]) -> None:
        """Take a file, counting its bytes as they come: what a header says of its size plays no part."""
        if not path:
            reject("A file has no name.", fix=_RENAME)
        self._enter(path, is_file=True)
        content = bytearray()
        for chunk in chunks:
            content += chunk
            self.room_for(path, len(content))
        self._size += len(content)
        self._files[path] = bytes(content)

    def room_for(self, path: str, size: int) -> None:
        """Refuse a file that has, or says it has, `size` bytes when that is too many for it or with those taken."""
        if size > self.limits.max_file:
            limit = megabytes(self.limits.max_file)
            reject(f"A file is larger than {limit}.", where=path, fix=LEAVE_OUT)
        if self._size + size > self.limits.max_bytes:
            limit = megabytes(self.limits.max_bytes)
            reject(
                f"Unpacked, the submission is larger than {limit}.",
                where=path,
                fix=LEAVE_OUT,
            )

    def tree(self, kind: Kind = "repository", *, commit: str | None = None, unwrap: bool = False) -> Tree:
        """The finished tree; `unwrap` strips one folder that holds everything, unless it is a Python package."""
        if not self._files:
            reject("There are no files in the submission.", fix="Check that the project's files were added.")
        self._refuse_nested_bombs()
        for path, content in self._files.items():
            if content.startswith(_LFS):
                self.notes.append(f"{show(path)} is a Git LFS pointer: its content was not fetched.")
        files = _unwrapped(self._files) if unwrap else self._files
        return Tree(kind, files, commit, tuple(self.notes))

    def _enter(self, path: str, *, is_file: bool) -> None:
        """Two names may not fall together on any file system, nor may one path be both file and folder."""
        key = _key(path)
        if key in self._file_keys or (is_file and key in self._folder_keys):
            why = "Two files have the same name, or names that differ only in upper and lower case or accents."
            reject(why, where=path, fix=_RENAME)
        (self._file_keys if is_file else self._folder_keys).add(key)
        while "/" in key:
            key = key.rpartition("/")[0]
            if key in self._file_keys:
                reject("The same name is used for a file and a folder.", where=path, fix=_RENAME)
            self._folder_keys.add(key)

    def _too_many(self) -> NoReturn:
        message = f"The submission holds more than {self.limits.max_entries} files and folders."
        reject(message, fix="Leave out .venv, node_modules, caches and data sets.")

    def _refuse_nested_bombs(self) -> None:
        """Archives inside are data and stay packed, but one built to explode says nothing good of the upload."""
        for path, content in self._files.items():
            declared = _declared_size(content) if content.startswith(b"PK\x03\x04") else 0
            if declared > max(self.limits.max_bytes, _BOMB_RATIO * len(content)):
                reject("An archive inside the submission is a decompression bomb.", where=path, fix="Leave it out.")


def refuse_mode(mode: int, where: str, *, is_folder: bool) -> None:
    """Refuse what by its Unix mode (0: unknown) is neither a plain file nor a folder, and setuid or setgid files."""
    kind = mode & 0o170000
    if kind == 0o120000:
        refuse_link(where)
    if kind not in (0, 0o100000, 0o040000):
        reject("A device, pipe or socket is not a file that can be handed in.", where=where, fix=_PLAIN)
    if mode & 0o6000 and not is_folder:
        reject("A file has the setuid or setgid bit.", where=where, fix="Remove it with chmod ug-s.")


def refuse_link(where: str) -> NoReturn:
    reject("Links are not accepted.", where=where, fix=_PLAIN)


def slices(data: memoryview, size: int = MIB) -> Iterable[bytes]:
    """The bytes of `data`, at most `size` at a time."""
    return (bytes(data[at : at + size]) for at in range(0, len(data), size))


def bounded(read: Callable[[int], bytes], limits: IntakeLimits, where: str = "") -> bytes:
    """Read a stream to its end; SubmissionRejected as soon as it has given more than `max_container`."""
    data = bytearray()
    while chunk := read(MIB):
        data += chunk
        if len(data) > limits.max_container:
            reject(f"The upload is larger than {megabytes(limits.max_container)}.", where=where, fix=LEAVE_OUT)
    return bytes(data)


def _key(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def _unwrapped(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or any("/" not in path for path in files):
        return files
    if f"{min(tops)}/__init__.py" in files:  # a package handed in alone is the work itself
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def _declared_size(data: bytes) -> int:
    """Bytes the central directory of a zip says it unpacks to, as far as it can be read."""
    total, at = 0, data.find(b"PK\x01\x02")
    while at >= 0 and data.startswith(b"PK\x01\x02", at) and at + 46 <= len(data):
        size, name, extra, comment = struct.unpack_from("<I3H", data, at + 24)
        total += size if size != 0xFFFFFFFF else 0  # zip64, as some tools write even for small files
        at += 46 + name + extra + comment
    return total
