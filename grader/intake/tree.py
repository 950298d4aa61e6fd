"""What a student handed in, as names and bytes in memory: nothing here ever touches a disk."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Kind = Literal["repository", "notebook"]

MIB = 1024 * 1024


@dataclass(frozen=True)
class IntakeLimits:
    """How large a submission may be.

    `max_bytes` (all files) and `max_file` are bytes after unpacking, `max_entries` counts files and folders,
    `max_depth` the parts of a path and `max_path` its characters.
    """

    max_bytes: int = 50 * MIB
    max_file: int = 20 * MIB
    max_entries: int = 2000
    max_depth: int = 12
    max_path: int = 200

    @property
    def max_container(self) -> int:
        """Bytes of what files come in (an upload, a tar's stream, a pack): more, as ignored folders lie in it too."""
        return 2 * self.max_bytes + MIB


@dataclass(frozen=True)
class Tree:
    """The files of one submission: relative POSIX path to content, sorted by path.

    `commit` is the git commit it came from, if any. `notes` tells the student what was left out (a symbolic link, a
    submodule), one sentence each; it takes part in neither the digest nor comparisons.
    """

    kind: Kind
    files: dict[str, bytes]
    commit: str | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", dict(sorted(self.files.items())))

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(map(len, self.files.values()))

    @cached_property
    def digest(self) -> str:
        """`sha256:…` over every path and content, each after its length: the same for a zip, a clone or a folder."""
        state = hashlib.sha256(b"grader tree 1\n")
        for path, content in self.files.items():
            name = path.encode()
            state.update(b"%d:%b%d:" % (len(name), name, len(content)))
            state.update(content)
        return f"sha256:{state.hexdigest()}"

    def tar(self) -> bytes:
        """The files as an uncompressed tar: plain files only, mode 0644, no owner, no time, always the same bytes."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive:
            for path, content in self.files.items():
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode, entry.mtime = len(content), 0o644, 0
                archive.addfile(entry, io.BytesIO(content))
        return out.getvalue()

    @classmethod
    def from_tar(cls, data: bytes, kind: Kind, commit: str | None = None) -> Tree:
        """Read back what `tar` wrote, name for name. Only for bytes of our store: uploads go through `read_archive`."""
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", encoding="utf-8") as archive:
            return cls(kind, {entry.name: _content(archive, entry) for entry in archive}, commit)

    def missing(self, requires: Iterable[str]) -> list[str]:
        """The required paths that are absent, in the order given. A folder counts as present when a file lies in it."""
        return [path for path in requires if not self._holds(path.removeprefix("./").rstrip("/"))]

    def _holds(self, path: str) -> bool:
        return path in self.files or any(name.startswith(f"{path}/") for name in self.files)


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(entry) if entry.isreg() else None
    if stream is None:
        raise ValueError(f"{entry.name!r} is not a plain file, so this tar was not written by Tree.tar")
    return stream.read()
