"""`grader backup` and `grader restore`: everything that has to last, in one archive.

A gzipped tar, written and read in one pass: `backup.json` (what it is), the database, `secret` and `keys.json` when
there are files of them, `blobs/<digest>`, and `end.json`, without which it is not whole. The database is copied first:
a blob is stored before any row names it, so every blob that the copy names is in the archive.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zlib
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from grader import __version__
from grader.cli.copying import Copier, copier
from grader.cli.places import find_settings
from grader.cli.view import say
from grader.config import Settings
from grader.errors import BadInput
from grader.intake import BlobStore
from grader.intake.store import digest_of

FORMAT = 1
_BLOBS = "blobs/"
_SMALL = 1024 * 1024
"""Bytes; the parts that are read into memory are no larger, but for blobs."""
_REFUSED = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError)


def backup(arguments: Namespace) -> int:
    """Write the archive; `-` is standard output. A file is there as a whole or not at all."""
    settings = find_settings()
    if not settings.home.is_dir():
        raise BadInput("There is nothing to back up.", where=str(settings.home), fix="Set GRADER_HOME.")
    if arguments.file == "-":
        count = _write(settings, sys.stdout.buffer)
    else:
        path = Path(arguments.file)
        if path.exists():
            raise BadInput("This file is there already.", where=str(path), fix="Choose another name, or remove it.")
        with _draft(path) as file:
            count = _write(settings, file)
    say(f"backed up the database and {count} blobs, with the keys of sessions and badges: lock the archive up")
    return 0


def restore(arguments: Namespace) -> int:
    """Read the archive into an empty home, and an empty database if it is PostgreSQL; `-` is standard input."""
    settings = find_settings()
    if settings.home.exists() and any(settings.home.iterdir()):
        raise BadInput(
            "This folder is not empty, and nothing is ever restored over anything.",
            where=str(settings.home),
            fix="Set GRADER_HOME to a new folder, or move this one away.",
        )
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        file = sys.stdin.buffer if arguments.file == "-" else stack.enter_context(_open(Path(arguments.file)))
        count = _restore(settings, file, arguments.file)
    say(f"restored the database and {count} blobs into {settings.home}")
    return 0


def _write(settings: Settings, file: IO[bytes]) -> int:
    made = copier(settings)
    blobs, count = BlobStore(settings.blob_root), 0
    with (
        tempfile.TemporaryDirectory(dir=settings.home, prefix=".backup-") as scratch,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        copy = Path(scratch, made.name)
        made.save(copy)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"backup": FORMAT, "grader": __version__, "at": at, "database": made.name, "revision": made.revision()}
        _add(tar, "backup.json", json.dumps(told).encode())
        tar.add(copy, made.name, filter=_plain)
        for name, path in _secrets(settings).items():
            if path.is_file():
                _add(tar, name, path.read_bytes())
        for digest in blobs.digests():
            _add(tar, _BLOBS + digest, blobs.get(digest))
            count += 1
        _add(tar, "end.json", json.dumps({"blobs": count}).encode())
    return count


def _restore(settings: Settings, file: IO[bytes], name: str) -> int:
    """Everything is checked before the database is put in place, so what fails leaves no service to start."""
    made = copier(settings)
    made.must_be_empty()
    try:
        with tempfile.TemporaryDirectory(dir=settings.home, prefix=".restore-") as scratch:
            copy = Path(scratch, made.name)
            try:
                with gzip.GzipFile(fileobj=file) as zipped, tarfile.open(fileobj=zipped, mode="r|") as tar:
                    count = _Reading(settings, made, copy).take(tar)
                    while zipped.read(_SMALL):  # to the checksum at its end
                        pass
            except BadInput as error:
                raise BadInput(error.message, where=name, fix=error.fix) from error
            except _REFUSED as error:
                raise BadInput(f"This is no whole backup ({error}).", where=name, fix="Use another one.") from error
            made.load(copy)
    except BaseException:
        _clear(settings.home)
        raise
    return count


class _Reading:
    """Takes an archive part by part. Anything that does not belong there raises ValueError."""

    def __init__(self, settings: Settings, made: Copier, copy: Path) -> None:
        """`copy` is where the database's copy goes."""
        self._blobs = BlobStore(settings.blob_root)
        self._secrets = _secrets(settings)
        self._made = made
        self._copy = copy
        self._count = 0

    def take(self, tar: tarfile.TarFile) -> int:
        """How many blobs there were."""
        begun = False
        for member in tar:
            content = tar.extractfile(member)
            if content is None:
                raise ValueError(f"{member.name} is no file")
            if not begun:
                _check(member, content, self._made)
                begun = True
            elif member.name == "end.json":
                if json.loads(content.read(_SMALL))["blobs"] != self._count or not self._copy.exists():
                    raise ValueError("parts are missing")
                return self._count
            else:
                self._part(member.name, content)
        raise ValueError("its end is missing")

    def _part(self, name: str, content: IO[bytes]) -> None:
        if name == self._made.name:
            with self._copy.open("xb") as target:
                shutil.copyfileobj(content, target)
        elif name in self._secrets:
            _write_secret(self._secrets[name], content.read(_SMALL))
        elif name.startswith(_BLOBS):
            data = content.read()
            if digest_of(data) != name.removeprefix(_BLOBS):
                raise ValueError(f"{name} is damaged")
            self._blobs.put(data)
            self._count += 1
        else:
            raise ValueError(f"{name} is no part of a backup")


def _check(member: tarfile.TarInfo, content: IO[bytes], made: Copier) -> None:
    """Raises BadInput when this installation cannot take what the archive says it is."""
    if member.name != "backup.json":
        raise ValueError("it does not begin with backup.json")
    told = json.loads(content.read(_SMALL))
    if told["backup"] != FORMAT or not made.knows(told["revision"]):
        raise BadInput(f"This backup was made by Grader {told['grader']}.", fix="Use that version, or a newer one.")
    if told["database"] != made.name:
        raise BadInput(
            f"This backup holds {told['database']}, and GRADER_DATABASE_URL wants {made.name}.",
            fix="Restore it where the same kind of database is set.",
        )


def _clear(home: Path) -> None:
    """Leave the folder as empty as it was."""
    for path in home.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _secrets(settings: Settings) -> dict[str, Path]:
    """Files outside the database that nothing can be made from again, by their names in the archive."""
    return {"secret": settings.home / "secret", "keys.json": settings.issuer_keys_file}


def _write_secret(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = _plain(tarfile.TarInfo(name))
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file that only its owner can read, in its place once the block is done."""
    draft = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BadInput(str(error.strerror), where=str(path), fix="Choose a folder that can be written to.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(str(error.strerror), where=str(path), fix="Name a file that `grader backup` wrote.") from error
