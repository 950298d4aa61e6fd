"""Takes in what students hand in: archives, folders, single files and git repositories."""

from __future__ import annotations

from grader.intake.archive import read_archive, read_folder
from grader.intake.clone import clone
from grader.intake.receive import receive
from grader.intake.store import BlobStore
from grader.intake.tree import IntakeLimits, Kind, Tree

__all__ = ["BlobStore", "IntakeLimits", "Kind", "Tree", "clone", "read_archive", "read_folder", "receive"]
