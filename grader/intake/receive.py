"""One door for everything a student may hand in."""

from __future__ import annotations

import re
from pathlib import Path

from grader.errors import SubmissionRejected
from grader.intake.archive import read_archive, read_folder
from grader.intake.clone import clone
from grader.intake.collect import reject, show
from grader.intake.tree import IntakeLimits, Tree

_ADDRESS = re.compile(r"-|[A-Za-z][A-Za-z0-9+.-]*::?//|[^/]+@[^/]+:|[A-Za-z]+::")
_BARE = ("HEAD", "objects", "refs")


def receive(source: str | Path, limits: IntakeLimits | None = None, *, local: bool = True) -> Tree:
    """Read a submission: a git address or, with `local`, a folder, bare repository, archive or file of this machine.

    A folder is read as it lies there, whatever git would say of it. With `local=False` a string is always an address:
    text from the web can never name a file here. Raises SubmissionRejected.
    """
    if isinstance(source, str) and (not local or _ADDRESS.match(source)):
        return clone(source, limits, allow_local=local and source.startswith("file://"))
    if not local:
        reject("Only an upload or a repository's address can be handed in.", where=str(source))
    path = Path(source)
    if path.is_dir():
        is_bare = all((path / name).exists() for name in _BARE)
        return clone(str(path), limits, allow_local=True) if is_bare else read_folder(path, limits)
    if not path.is_file():
        reject(
            "There is no such file or folder.", where=str(source), fix="Check the path, or give an https:// address."
        )
    try:
        with path.open("rb") as file:
            return read_archive(file, path.name, limits)
    except OSError as error:
        raise SubmissionRejected("The file cannot be read.", where=show(str(path)), fix=error.strerror or "") from error
