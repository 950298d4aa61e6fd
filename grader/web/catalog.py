"""The suites a student can choose from."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from grader.errors import RubricError
from grader.rubric.load import Suite, load_suite

log = logging.getLogger(__name__)

_Stamp = tuple[tuple[int, int], ...]


class Catalog:
    """The suites in the subfolders of one folder, read again when their rubric or brief changes.

    A suite with errors is left out and its problems are logged: one teacher's mistake never stops another's course.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[_Stamp, Suite | None]] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Suite]:
        """Every usable suite, in the order of their folders' names."""
        folders = sorted(path.parent for path in self.folder.glob("*/rubric.yaml"))
        with self._lock:
            suites = [suite for folder in folders if (suite := self._suite(folder)) is not None]
        return list({suite.rubric.id: suite for suite in reversed(suites)}.values())[::-1]

    def get(self, rubric_id: str) -> Suite | None:
        return next((suite for suite in self.all() if suite.rubric.id == rubric_id), None)

    def _suite(self, folder: Path) -> Suite | None:
        stamp = tuple(_stamp(folder / name) for name in ("rubric.yaml", "brief.md"))
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            known = self._read[folder] = (stamp, _load(folder))
        return known[1]


def _load(folder: Path) -> Suite | None:
    try:
        return load_suite(folder)
    except (RubricError, OSError) as error:
        log.error("the suite %s is left out:\n%s", folder.name, error)
        return None


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
