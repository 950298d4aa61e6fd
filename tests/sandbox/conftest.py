"""Docker, and each way of running containers, for the tests of the sandboxes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_backends import Backend, Scripted

from grader.sandbox import LauncherClient, LocalSandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.launcher import Ceiling, Launcher


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A function that runs a launcher on a given source in a thread and returns its path."""
    running: list[tuple[Launcher, threading.Thread]] = []

    def start(source: Any, **ceiling: Any) -> Path:
        path = tmp_path / f"launcher-{len(running)}.sock"
        launcher = Launcher(path, source, Ceiling(**ceiling))
        thread = threading.Thread(target=launcher.serve)
        thread.start()
        running.append((launcher, thread))
        return path

    yield start
    for launcher, thread in running:
        launcher.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


@pytest.fixture(params=["docker", "launcher", "local"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each way of running containers in turn."""
    if request.param == "local":
        return Backend("local", LocalSandbox())
    return _docker_backend(request)


@pytest.fixture(params=["docker", "launcher"])
def walled(request: pytest.FixtureRequest) -> Backend:
    """Each way that isolates."""
    return _docker_backend(request)


def _docker_backend(request: pytest.FixtureRequest) -> Backend:
    sandbox: DockerSandbox = request.getfixturevalue("docker_sandbox")
    if request.param == "docker":
        return Backend("docker", sandbox)
    scripted = Scripted(sandbox, Path())
    path = request.getfixturevalue("serve")(scripted)
    scripted._client = LauncherClient(path)
    return Backend("launcher", scripted)
