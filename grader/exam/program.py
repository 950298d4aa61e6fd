"""Runs programs and coroutines of the submission and reads its files, in the candidate. Standard library only."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import IO, Any

MAX_OUTPUT = 1_000_000
"""Most bytes of one stream of a program that are returned."""
MAX_READ = 16 * 1024 * 1024


def run(work: Path, argv: list[str], stdin: bytes, timeout: float, env: dict[str, str]) -> dict[str, Any]:
    """Run a program in the submission's folder and return its status, streams (bytes, cut at `MAX_OUTPUT`) and time.

    `python` means this interpreter. `returncode` is None when `timeout` seconds passed and the program was ended.
    Raises FileNotFoundError when there is no such program.
    """
    command = [sys.executable if argv[0] in ("python", "python3") else argv[0], *argv[1:]]
    environment = {**os.environ, "PYTHONPATH": str(work), "PYTHONUNBUFFERED": "1", **env}
    started = time.monotonic()
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(stdin)
        source.seek(0)
        process = subprocess.Popen(
            command, stdin=source, stdout=out, stderr=err, cwd=work, env=environment, start_new_session=True
        )
        try:
            code: int | None = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
            os.killpg(process.pid, 9)
            process.wait()
        streams = {"stdout": _start(out), "stderr": _start(err)}
    return {"returncode": code, "seconds": time.monotonic() - started, **streams}


def _start(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read(MAX_OUTPUT)


def read(work: Path, name: str) -> bytes:
    """A file of the submission's folder, or one its program wrote. Raises OSError, ValueError when too large."""
    with (work / name).open("rb") as file:
        data = file.read(MAX_READ + 1)
    if len(data) > MAX_READ:
        raise ValueError(f"{name} is larger than {MAX_READ} bytes")
    return data


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine, run to its end in an event loop of its own."""

    async def whole() -> Any:
        return await coroutine

    return asyncio.run(whole())
