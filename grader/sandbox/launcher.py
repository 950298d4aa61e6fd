"""The launcher: the only process that holds the Docker socket. It hands out attached streams over a Unix socket.

One connection is one container. The client sends a line of JSON (`Request`), gets a line with `image_id` and the
stream's descriptor (or a line with `error`), and the connection stays open as the lease: when the client closes it or
dies, the container is ended. `{"op": "end"}` ends it too and is answered with how it ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from grader.config import Settings, setup_logging
from grader.errors import SandboxError
from grader.sandbox.base import ContainerSpec, Role, close_socket
from grader.sandbox.client import LauncherClient, LauncherContainer, Request, receive, send
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.pool import Pool, Source

__all__ = ["Ceiling", "Launcher", "LauncherClient", "LauncherContainer", "Source", "main"]

log = logging.getLogger(__name__)

_CONNECTIONS = 128
_REAP_EVERY = 60.0
_BACKLOG = 64


class Ceiling(BaseSettings):
    """The most that anybody gets from this launcher, whatever they ask for: GRADER_LAUNCHER_MEMORY and so on."""

    model_config = SettingsConfigDict(env_prefix="GRADER_LAUNCHER_", env_file=".env", extra="ignore", frozen=True)

    memory: int = Field(default=8 * 1024**3, gt=0)
    cpus: float = Field(default=8, gt=0)
    disk: int = Field(default=2 * 1024**3, gt=0)
    processes: int = Field(default=512, gt=0)
    lifetime: float = Field(default=3600, gt=0)
    containers: int = Field(default=8, gt=0)
    """Containers at once of each role. Counted by role, so that examiners can never take the places of the candidates
    they wait for."""
    wait: float = Field(default=300, gt=0)
    """Seconds a request waits for a place before it is refused as busy."""
    ready: int = Field(default=2, ge=0)
    """Containers of one kind that wait ahead of need, see `grader.sandbox.pool`; 0 for none."""
    idle: float = Field(default=900, gt=0)
    """Seconds they wait."""

    def clamp(self, asked: ContainerSpec) -> ContainerSpec:
        """The same within the ceiling."""
        numbers = ("memory", "cpus", "disk", "processes", "lifetime")
        return replace(asked, **{name: min(getattr(asked, name), getattr(self, name)) for name in numbers})


class Launcher:
    """Serves leases on a Unix socket that only its owner can open."""

    def __init__(self, path: Path, source: Source, ceiling: Ceiling) -> None:
        """Bind. Raises SandboxError when another launcher serves this path."""
        self._source = source
        self._ceiling = ceiling
        self._places = {role: threading.Semaphore(ceiling.containers) for role in ("examiner", "candidate")}
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._path = path
        self._guard = _take_path(path)
        try:
            self._listener = _listen(path)
        except BaseException:
            self._guard.close()
            raise

    def serve(self) -> None:
        """Accept until `stop`; then end every container and return."""
        threading.Thread(target=self._reap_for_ever, name="reaper", daemon=True).start()
        threads: set[threading.Thread] = set()
        with contextlib.suppress(OSError):
            while not self._stopping.is_set():
                connection, _ = self._listener.accept()
                threads = {thread for thread in threads if thread.is_alive()}
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                threads.add(thread)
                thread.start()
        for thread in threads:
            thread.join(timeout=30)
        self._path.unlink(missing_ok=True)
        self._guard.close()

    def stop(self) -> None:
        """Make `serve` return. Safe in another thread and in a signal handler."""
        self._stopping.set()
        close_socket(self._listener)
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, connection: socket.socket) -> None:
        with connection, self._counted(connection), contextlib.suppress(OSError):
            try:
                self._lease(connection)
            except (SandboxError, ValidationError) as error:
                log.warning("refused: %s", error)
                send(connection, {"error": str(error)})
            except Exception:
                log.exception("a lease failed")
                send(connection, {"error": "the launcher failed; its log says why"})

    def _lease(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        line = receive(connection)
        if not line:
            return
        spec = self._ceiling.clamp(Request.model_validate_json(line).spec())
        with self._place(spec.role, connection):
            container = self._source.start(spec)
            try:
                answer = json.dumps({"image_id": container.image_id}).encode() + b"\n"
                # Our copy stays open: only through it can the stream be cut when the client does not let go.
                socket.send_fds(connection, [answer], [container.socket.fileno()])
                connection.settimeout(spec.lifetime)
                with contextlib.suppress(OSError):
                    receive(connection)
            finally:
                ended = container.end()
        send(connection, {"code": ended.code, "out_of_memory": ended.out_of_memory})

    @contextlib.contextmanager
    def _place(self, role: Role, connection: socket.socket) -> Iterator[None]:
        """Wait for a place, as long as the client is still there. Raises SandboxError when none comes free."""
        until = time.monotonic() + self._ceiling.wait
        while not self._places[role].acquire(timeout=0.2):
            if _has_left(connection) or self._stopping.is_set():
                raise SandboxError("the client left, or the launcher stops")
            if time.monotonic() > until:
                raise SandboxError(f"The launcher is busy: {self._ceiling.containers} {role}s run already.")
        try:
            yield
        finally:
            self._places[role].release()

    @contextlib.contextmanager
    def _counted(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._connections.add(connection)
            crowded = len(self._connections) > _CONNECTIONS or self._stopping.is_set()
        try:
            if crowded:
                connection.shutdown(socket.SHUT_RDWR)
            yield
        finally:
            with self._lock:
                self._connections.discard(connection)

    def _reap_for_ever(self) -> None:
        while True:
            try:
                if reaped := self._source.reap():
                    log.warning("removed %d left-over containers", reaped)
            except SandboxError as error:
                log.error("%s", error)
            if self._stopping.wait(_REAP_EVERY):
                return


def main(settings: Settings | None = None, *, images: Mapping[str, str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `images` are ids by sandbox; others are looked up when they are first asked for.

    Raises SandboxError when Docker or the path cannot be used.
    """
    settings = settings or Settings()
    path = settings.launcher_socket
    owner = "launcher-" + hashlib.sha256(str(path).encode()).hexdigest()[:12]
    source = DockerSandbox(settings.sandboxes, runtime=settings.docker_runtime, owner=owner, images=images)
    ceiling = Ceiling()
    pool = Pool(source, ready=ceiling.ready, most=4 * ceiling.ready, idle=ceiling.idle)
    launcher = Launcher(path, pool, ceiling)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: launcher.stop())
    log.info("launcher on %s", path)
    try:
        launcher.serve()
    finally:
        pool.close()
        source.engine.close()


def _take_path(path: Path) -> IO[bytes]:
    """Hold the path's lock for this process. Raises SandboxError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    guard = path.with_name(path.name + ".lock").open("wb")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise SandboxError(
            f"Another launcher serves {path}; stop it first, or set GRADER_LAUNCHER to another path."
        ) from error
    return guard


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SandboxError(f"Cannot listen on {path} ({error}). A socket's path has at most 107 bytes.") from error
    finally:
        os.umask(before)
    return listener


def _has_left(sock: socket.socket) -> bool:
    try:
        readable, _, _ = select.select([sock], [], [], 0)
        return bool(readable) and sock.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


if __name__ == "__main__":
    setup_logging(Settings().log_level)
    try:
        main()
    except SandboxError as problem:
        raise SystemExit(f"error: {problem}") from None
