"""What an image is built from: files and wheels, gathered on the host. The same content makes the same tar."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from grader.errors import SandboxError

_PYTHON = "3.11"
_GLIBC = 36
"""Debian 12 has glibc 2.36, so it runs every manylinux_2_N wheel up to that N."""


def install_wheels(requirements: bytes, *, programs: bool = False) -> Path:
    """Install wheels for the image's Python into a folder that is kept by content; returns the folder.

    With `programs` the folder also has `bin/`, with what the packages bring to run. Raises SandboxError.
    """
    machine = platform.machine()
    identity = b"\0".join([requirements, machine.encode(), _PYTHON.encode(), b"programs" if programs else b"1"])
    kept = _cache_folder() / "packages" / hashlib.sha256(identity).hexdigest()[:16]
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        listed, target = Path(scratch, "requirements.txt"), Path(scratch, "site-packages")
        listed.write_bytes(requirements)
        run([*_pip_install(machine), "--target", str(target), "-r", str(listed)], "pip cannot install the packages")
        if not programs:
            shutil.rmtree(target / "bin", ignore_errors=True)
        try:
            target.rename(kept)
        except OSError:
            if not kept.is_dir():
                raise
    return kept


@contextmanager
def build_context(files: Mapping[str, bytes], packages: Path | None = None) -> Iterator[IO[bytes]]:
    """A tar of the files and the packages, the same bytes for the same content, as a build context."""
    with tempfile.TemporaryFile(prefix="grader-context-") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name, content in sorted(files.items()):
                member = _plain(tarfile.TarInfo(name))
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            if packages is not None:
                tar.add(packages, "site-packages", filter=_plain)
        file.seek(0)
        yield file


def run(command: list[str], failure: str) -> None:
    """Run to the end. Raises SandboxError with `failure` and the last lines of what the command printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SandboxError(f"{failure}:\n  {last}")


def _pip_install(machine: str) -> list[str]:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
    tags += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    options = (
        "--quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: --no-compile --no-deps"
    )
    target = [f"--python-version={_PYTHON}", "--implementation=cp", *(f"--platform={tag}" for tag in tags)]
    return [sys.executable, "-m", "pip", "install", *options.split(), *target]


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
