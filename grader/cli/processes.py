"""The parts of the service as processes of their own, watched and stopped by the command that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import IO, Self

from grader.config import Settings
from grader.errors import InfrastructureError

PARENT = "GRADER_PARENT"
START_SECONDS = 60.0
PATIENCE = 20.0
"""Seconds that a worker has to finish the exam it is at. What it cannot finish is graded again after the next start."""
_PR_SET_PDEATHSIG = 1


class Processes:
    """Sub-processes of `grader`, stopped at the block's end: the launcher last, since exams may still need it.

    They live in sessions of their own: Ctrl-C reaches only us, and we say who stops when.
    """

    def __init__(self, settings: Settings, queue_url: str, log: IO[bytes] | None = None) -> None:
        """`log` takes what they print; without one it goes where ours goes."""
        self._environment = os.environ | _variables(settings, queue_url) | {PARENT: str(os.getpid())}
        self._log = log
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, *options: str) -> None:
        """Start `grader NAME OPTIONS`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "grader.cli", name, *options],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._running.append((name, process))

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        """Return when a part is ready. Raises InfrastructureError when one has ended or none gets ready in time."""
        until = time.monotonic() + START_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > until:
                raise InfrastructureError(f"grader {name} is not ready after {START_SECONDS:.0f} s; its log says why")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises InfrastructureError when a part has ended by itself."""
        for name, process in self._running:
            if process.poll() is not None:
                raise InfrastructureError(f"grader {name} ended with status {process.returncode}; its log says why")

    def stop(self) -> None:
        """End them all. A second Ctrl-C meanwhile ends them at once."""
        try:
            _end([process for name, process in self._running if name != "launcher"])
            _end([process for name, process in self._running if name == "launcher"])
        finally:
            for _, process in self._running:
                process.kill()
                process.wait()
            self._running.clear()


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask twice: a worker takes the first signal as a request, and the second as an order to leave its exam."""
    for patience in (PATIENCE, 10.0):
        until = time.monotonic() + patience
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.01, until - time.monotonic()))
        if all(process.poll() is not None for process in processes):
            return


def _variables(settings: Settings, queue_url: str) -> dict[str, str]:
    return {
        "GRADER_HOME": str(settings.home.absolute()),
        "GRADER_RUBRICS": str(settings.rubrics.absolute()),
        "GRADER_SANDBOXES": str(settings.sandboxes.absolute()),
        "GRADER_DATABASE_URL": settings.sqlalchemy_url,
        "GRADER_REDIS_URL": queue_url,
        "GRADER_BLOBS_URL": settings.blob_root,
        "GRADER_LAUNCHER": str(settings.launcher_socket),
        "GRADER_BASE_URL": settings.base_url,
        "GRADER_ISSUER_KEYS": str(settings.issuer_keys_file.absolute()),
        "GRADER_ISSUER_NAME": settings.issuer_name,
    }


def follow_parent() -> None:
    """In a process that `Processes` started: end when the parent is gone, even if it was killed (Linux only)."""
    parent = os.environ.pop(PARENT, "")
    if not parent or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        raise SystemExit(1)


@contextlib.contextmanager
def service(
    settings: Settings, queue_url: str, bind: str, workers: int, log: IO[bytes] | None = None
) -> Iterator[Processes]:
    """Launcher, workers, issuer and web, ready when the block begins. Raises InfrastructureError."""
    host, port = split_address(bind)
    with Processes(settings, queue_url, log) as processes:
        processes.start("launcher")
        processes.start("web", "--bind", bind)
        processes.wait_for("launcher", lambda: _answers(settings))
        for _ in range(workers):
            processes.start("work")
        processes.start("issuer")
        processes.wait_for("web", lambda: _healthy(host, port))
        yield processes


def split_address(bind: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`. Raises ValueError."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{bind!r} is not HOST:PORT, such as 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def _answers(settings: Settings) -> bool:
    with socket.socket(socket.AF_UNIX) as knock, contextlib.suppress(OSError):
        knock.connect(str(settings.launcher_socket))
        return True
    return False


def _healthy(host: str, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104 - compared
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
