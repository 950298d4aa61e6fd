"""The worker's side of the launcher: a Sandbox that leases containers over a Unix socket and never sees Docker."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from grader.errors import SandboxError
from grader.sandbox.base import ContainerSpec, Exit, Role, close_socket

LINE = 16 * 1024
"""Longest message in bytes."""


class Request(BaseModel):
    """What a client may say about a container."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: Role
    image: str
    job: str
    memory: int
    cpus: float
    disk: int
    processes: int
    lifetime: float
    kernel: bool = False

    def spec(self) -> ContainerSpec:
        """The same as a spec. Raises SandboxError for values that no container can have."""
        return ContainerSpec(**self.model_dump())


class LauncherContainer:
    """A container that the launcher runs for us."""

    def __init__(self, lease: socket.socket, stream: socket.socket, image_id: str) -> None:
        self.socket = stream
        self.image_id = image_id
        self._lease = lease
        self._exit: Exit | None = None

    def end(self) -> Exit:
        """Have it ended and removed, and learn how it ended."""
        if self._exit is None:
            self._exit = Exit(None, out_of_memory=False)
            close_socket(self.socket)
            with self._lease, contextlib.suppress(OSError, ValueError, KeyError, SandboxError):
                with contextlib.suppress(BrokenPipeError):  # it has ended already, and the answer waits
                    send(self._lease, {"op": "end"})
                answer = json.loads(receive(self._lease))
                self._exit = Exit(answer["code"], out_of_memory=bool(answer["out_of_memory"]))
        return self._exit


class LauncherClient:
    """A Sandbox that asks the launcher."""

    def __init__(self, path: Path, *, timeout: float = 330) -> None:
        """`timeout` seconds cover waiting for a place and starting."""
        self._path = path
        self._timeout = timeout

    def start(self, spec: ContainerSpec) -> LauncherContainer:
        """Lease a container. Raises SandboxError with the launcher's reason."""
        lease = socket.socket(socket.AF_UNIX)
        try:
            lease.settimeout(self._timeout)
            lease.connect(str(self._path))
            request = {name: getattr(spec, name) for name in Request.model_fields}
            send(lease, request)
            answer, descriptors = _receive_with_descriptor(lease)
            if "error" in answer or not descriptors:
                raise SandboxError(str(answer.get("error", "The launcher closed the connection.")))
            return LauncherContainer(lease, socket.socket(fileno=descriptors[0]), str(answer["image_id"]))
        except (OSError, ValueError) as error:
            lease.close()
            raise SandboxError(
                f"The launcher does not answer at {self._path} ({error}). Start it: python -m grader.sandbox.launcher"
            ) from error
        except BaseException:
            lease.close()
            raise


def send(sock: socket.socket, message: dict[str, Any]) -> None:
    sock.sendall(json.dumps(message).encode() + b"\n")


def receive(sock: socket.socket) -> bytes:
    """One line, or nothing at end of file. Raises SandboxError for a line that is too long."""
    line = b""
    while not line.endswith(b"\n"):
        piece = sock.recv(LINE)
        line += piece
        if not piece:
            return b""
        if len(line) > LINE:
            raise SandboxError(f"a message is longer than {LINE} bytes")
    return line


def _receive_with_descriptor(sock: socket.socket) -> tuple[dict[str, Any], list[int]]:
    piece, descriptors, _, _ = socket.recv_fds(sock, LINE, 1, socket.MSG_CMSG_CLOEXEC)
    try:
        line = piece if piece.endswith(b"\n") or not piece else piece + receive(sock)
        answer = json.loads(line or b"{}")
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return answer, descriptors
