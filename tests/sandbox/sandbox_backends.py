"""One way to run a snippet in any sandbox, for the tests of the sandboxes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from grader.sandbox import FRAME, STDERR, STDOUT, Container, ContainerSpec, Exit, LauncherClient
from grader.sandbox.docker import DockerSandbox

SANDBOXES = Path(__file__).parents[2] / "sandboxes"
MIB = 1024 * 1024
SPEC = ContainerSpec("candidate", "python", "test", 256 * MIB, 1, 16 * MIB, 64, 120)


class Snippets(Protocol):
    """A sandbox that runs any arguments of `python`, as only tests and the doctor may."""

    def _start(self, spec: ContainerSpec, arguments: Sequence[str]) -> Container: ...


@dataclass(frozen=True)
class Result:
    stdout: bytes
    stderr: bytes
    exit: Exit


def drain(container: Container) -> tuple[bytes, bytes]:
    """Everything the container still says on both streams, up to its end; at most a minute between two pieces."""
    said = {STDOUT: b"", STDERR: b""}
    container.socket.settimeout(60)
    with container.socket.makefile("rb") as stream:
        while header := stream.read(FRAME.size):
            number, size = FRAME.unpack(header)
            said[number] += stream.read(size)
    return said[STDOUT], said[STDERR]


@dataclass(frozen=True)
class Backend:
    """One way of running containers."""

    name: str
    sandbox: Snippets

    def start(self, code: str, **limits: Any) -> Container:
        return self.sandbox._start(replace(SPEC, **limits), ["-c", code])

    def run(self, code: str, **limits: Any) -> Result:
        """Run a snippet to its end."""
        container = self.start(code, **limits)
        try:
            stdout, stderr = drain(container)
        finally:
            ended = container.end()
        return Result(stdout, stderr, ended)


class Scripted:
    """A launcher's source whose containers run what the test last asked for: its protocol can't name a command."""

    def __init__(self, sandbox: Snippets, path: Path) -> None:
        self._sandbox = sandbox
        self._client = LauncherClient(path)
        self._arguments: Sequence[str] = ()

    def start(self, spec: ContainerSpec) -> Container:
        return self._sandbox._start(spec, self._arguments)

    def reap(self) -> int:
        return 0

    def _start(self, spec: ContainerSpec, arguments: Sequence[str]) -> Container:
        self._arguments = arguments
        return self._client.start(spec)


def containers_of(sandbox: DockerSandbox) -> list[dict[str, Any]]:
    """Docker's list of the containers that this sandbox object started, in any state."""
    found: list[dict[str, Any]] = sandbox.engine.api.containers(
        all=True, filters={"label": f"grader.boot={sandbox.boot}"}
    )
    return found


def told(backend: Backend, code: str, **limits: Any) -> Any:
    """What a snippet says in JSON."""
    result = backend.run(code, **limits)
    assert not result.stderr, result.stderr.decode(errors="replace")
    return json.loads(result.stdout)
