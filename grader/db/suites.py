"""Published suites: kept whole in the blob store, unpacked where they are used, checked by digest every time."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.config import Settings
from grader.db import talent_skills
from grader.db.queries import new_id, now
from grader.db.school import PublishedSuite
from grader.errors import RubricError, StoreError
from grader.intake import BlobStore, IntakeLimits, Tree, read_folder
from grader.intake.tree import MIB
from grader.rubric import Suite, load_suite

LIMITS = IntakeLimits(max_bytes=200 * MIB, max_file=100 * MIB)
"""How large a suite may be."""
REMEMBERED = 64
"""Suites that a process keeps in memory."""
_LEFT_OUT = "examples/"


def publish(
    session: Session,
    blobs: BlobStore,
    *,
    course_id: str,
    by: str | None,
    folder: Path | None = None,
    tree: Tree | None = None,
    source: str = "",
) -> PublishedSuite:
    """Publish a suite in a course; the same content again finds the row that is there.

    Args:
        folder: a suite of the installation, below `Settings.rubrics`; or
        tree: what was uploaded or cloned, read with `LIMITS`.
        source: where a tree came from, for people: the git address and commit, or the upload's name.

    Raises:
        RubricError: with every problem of the suite; `where` is `source` or the folder's name.
        SubmissionRejected: the folder cannot be taken (links, sizes, names).
    """
    if (tree is None) == (folder is None):
        raise ValueError("publish takes a folder or a tree")
    if tree is None:
        assert folder is not None
        tree, source = read_folder(folder, LIMITS), source or folder.name
    files = {path: content for path, content in tree.files.items() if not path.startswith(_LEFT_OUT)}
    with unpacked(Tree("repository", files), source) as suite:
        blob = blobs.put(Tree("repository", files).tar())
    query = select(PublishedSuite).where(PublishedSuite.course_id == course_id, PublishedSuite.digest == suite.digest)
    found = session.scalar(query)
    if found is not None:
        found.blob = blob  # what does not judge may differ: starter/
        return found
    row = _row(suite, course_id=course_id, by=by, blob=blob, source=source)
    row.folder = folder.name if folder is not None else None
    session.add(row)
    session.flush()
    talent_skills.mark_rubric(session, row.rubric)
    return row


def open_suite(settings: Settings, blobs: BlobStore, suite: PublishedSuite) -> Suite:
    """The suite with its files. Unpacked once on each machine, below `home`/suites; remembered by each process.

    Raises StoreError: the blob is missing, or what was published cannot be had any more.
    """
    if suite.blob is None:
        return _installed(settings, suite)
    folder = (settings.home / "suites" / suite.blob.removeprefix("sha256:")).absolute()
    return _open(folder, suite.digest, _Blob(blobs, suite.blob))


@contextlib.contextmanager
def unpacked(tree: Tree, source: str) -> Iterator[Suite]:
    """A suite from a tree, in a folder that lasts as long as the block. Raises RubricError, which names `source`."""
    with tempfile.TemporaryDirectory(prefix="suite") as temporary:
        folder = Path(temporary)
        _write(tree, folder)
        try:
            suite = load_suite(folder)
        except RubricError as error:
            raise RubricError(error.message, where=source, fix=error.fix, problems=error.problems) from error
        yield suite


def starter(settings: Settings, blobs: BlobStore, suite: PublishedSuite) -> dict[str, bytes]:
    """The files of starter/, relative to it; none when the suite has none."""
    folder = open_suite(settings, blobs, suite).folder / "starter"
    if not folder.is_dir():
        return {}
    return read_folder(folder, LIMITS).files


class _Blob:
    """Where a suite comes from; takes no part in what `_open` remembers."""

    def __init__(self, blobs: BlobStore, digest: str) -> None:
        self._blobs, self._digest = blobs, digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Blob) and other._digest == self._digest

    def tree(self) -> Tree:
        return Tree.from_tar(self._blobs.get(self._digest), "repository")


@lru_cache(maxsize=REMEMBERED)
def _open(folder: Path, digest: str, blob: _Blob) -> Suite:
    if folder.is_dir():
        with contextlib.suppress(RubricError, OSError):
            suite = load_suite(folder)
            if suite.digest == digest:
                return suite
        shutil.rmtree(folder, ignore_errors=True)  # somebody changed it, or the disk did
    _unpack(blob.tree(), folder)
    try:
        suite = load_suite(folder)
    except RubricError as error:
        raise StoreError(f"the published suite {digest} cannot be read: {error}") from error
    if suite.digest != digest:
        raise StoreError(f"the published suite {digest} is not what its digest says")
    return suite


def _unpack(tree: Tree, folder: Path) -> None:
    """Whole or not at all, and the first of several processes wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f"{folder.name[:16]}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _write(tree, fresh)
        with contextlib.suppress(OSError):  # another has just put it there
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(tree: Tree, folder: Path) -> None:
    for path, content in tree.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _installed(settings: Settings, suite: PublishedSuite) -> Suite:
    if suite.folder is None:
        raise StoreError(f"the published suite {suite.digest} has neither a blob nor a folder")
    try:
        found = load_suite(settings.rubrics / suite.folder)
    except RubricError as error:
        raise StoreError(f"the published suite {suite.folder} cannot be read: {error}") from error
    if found.digest != suite.digest:
        raise StoreError(f"the folder {suite.folder} has changed since it was published: publish it anew")
    return found


def _row(suite: Suite, *, course_id: str, by: str | None, blob: str, source: str) -> PublishedSuite:
    rubric = suite.rubric
    return PublishedSuite(
        id=new_id(),
        course_id=course_id,
        rubric=rubric.id,
        version=rubric.version,
        title=rubric.title,
        max_points=rubric.max_points,
        pass_mark=rubric.pass_mark,
        attempts=rubric.attempts.count,
        attempts_per=rubric.attempts.per,
        digest=suite.digest,
        blob=blob,
        source=source[:2000] or None,
        published_by=by,
        published_at=now(),
    )
