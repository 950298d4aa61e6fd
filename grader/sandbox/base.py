"""What every way of running a container offers: a spec in, an attached stream out, and an end."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
from dataclasses import dataclass
from typing import Literal, Protocol

from grader.errors import SandboxError

Role = Literal["examiner", "candidate"]

STDOUT = 1
STDERR = 2
FRAME = struct.Struct(">BxxxL")
"""Header of one piece of output: the stream it came from (`STDOUT` or `STDERR`), three zero bytes, size in bytes."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,119}")


@dataclass(frozen=True)
class ContainerSpec:
    """One container to start. Nothing here can name a mount, a capability, a network or a command."""

    role: Role
    image: str
    """Name of a folder in `sandboxes/`, such as `python-ml`."""
    job: str
    """Whose container this is, for labels and logs."""
    memory: int
    """Bytes; swap is not added to it."""
    cpus: float
    disk: int
    """Bytes that fit into the work folder; they count towards `memory` while they are used."""
    processes: int
    """Processes and threads together."""
    lifetime: float
    """Seconds after which the reaper may end the container."""
    kernel: bool = False
    """Whether a candidate makes a notebook kernel ready before it is given the submission."""

    def __post_init__(self) -> None:
        """Raise SandboxError for a name or a number that no container can have."""
        if self.role not in ("examiner", "candidate"):
            raise SandboxError(f"unknown role {self.role!r}: examiner or candidate")
        if not _NAME.fullmatch(self.image):
            raise SandboxError(
                f"bad image name {self.image!r}: lower-case letters, digits and hyphens, as in sandboxes/"
            )
        if not _JOB.fullmatch(self.job):
            raise SandboxError(f"bad job name {self.job!r}: letters, digits and _ . : - only")
        if min(self.memory, self.disk, self.processes) < 1 or not (0 < self.cpus < 1e4 and 0 < self.lifetime < 1e7):
            raise SandboxError(f"memory, cpus, disk, processes and lifetime must be positive and finite: {self}")


@dataclass(frozen=True)
class Exit:
    """How a container ended. Never a verdict: student code chooses its own exit code."""

    code: int | None
    """None when it is not known, for instance because another party removed the container."""
    out_of_memory: bool


class Container(Protocol):
    """A started container."""

    @property
    def socket(self) -> socket.socket:
        """The attached stream: what is written is the program's stdin, raw; what is read is its output in `FRAME`s.

        Reading gives end of file once the program has ended; `shutdown(SHUT_WR)` ends the program's stdin.
        """

    @property
    def image_id(self) -> str:
        """`sha256:…` of the image, for the report."""

    def end(self) -> Exit:
        """Shut and close the socket, kill what still runs, remove the container. May be called again; never raises.

        Read the output first: what has not been read is lost, and how a program ended by itself is kept.
        """


class Sandbox(Protocol):
    """Something that starts containers: Docker, the launcher, or the local twin."""

    def start(self, spec: ContainerSpec) -> Container:
        """Start a container that waits on its stdin. Raises SandboxError."""


def close_socket(sock: socket.socket) -> None:
    """Shut down and close, so that a thread blocked in `recv` on it wakes up."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
