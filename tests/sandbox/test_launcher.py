"""The launcher: what it accepts, who gets a place, and what happens when either side dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_backends import MIB, SANDBOXES, SPEC

from grader.errors import SandboxError
from grader.sandbox import Container, ContainerSpec, LauncherClient, LocalSandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.launcher import Ceiling, Launcher

Serve = Callable[..., Path]


class Sleeping:
    """A source of child processes that wait on stdin, and a note of every spec it saw."""

    def __init__(self) -> None:
        self.specs: list[ContainerSpec] = []

    def start(self, spec: ContainerSpec) -> Container:
        self.specs.append(spec)
        return LocalSandbox()._start(spec, ["-c", "import sys; sys.stdin.read()"])

    def reap(self) -> int:
        return 0


def ask(path: Path, message: bytes) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(path))
        sock.sendall(message)
        answer: dict[str, Any] = json.loads(sock.recv(65536) or b"{}")
        return answer


def request(**changes: object) -> bytes:
    values = {name: getattr(SPEC, name) for name in SPEC.__dataclass_fields__}
    return json.dumps({**values, **changes}).encode() + b"\n"


def test_only_its_owner_can_open_the_socket(serve: Serve) -> None:
    assert stat.S_IMODE(serve(Sleeping()).stat().st_mode) == 0o600


def test_what_is_asked_for_is_cut_to_the_ceiling(serve: Serve) -> None:
    source = Sleeping()
    path = serve(source, memory=64 * MIB, cpus=0.5, disk=MIB, processes=8, lifetime=30)
    ask(path, request(memory=2**40, cpus=64, disk=2**40, processes=10**6, lifetime=10**6))
    ask(path, request(memory=MIB, cpus=0.1, disk=MIB, processes=1, lifetime=1))
    most, least = source.specs
    assert (most.memory, most.cpus, most.disk, most.processes, most.lifetime) == (64 * MIB, 0.5, MIB, 8, 30)
    assert (least.memory, least.cpus, least.processes) == (MIB, 0.1, 1)


@pytest.mark.parametrize(
    "message",
    [
        request(command=["sh"]),
        request(mounts=["/:/host"]),
        request(privileged=True),
        request(network="host"),
        request(role="root"),
        request(image="../x"),
        request(image="alpine:latest"),
        request(memory="1g"),
        request(memory=-1),
        request(cpus=float("nan")),
        request(lifetime=float("inf")),
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 10000 + b"\n",
        b'{"op": "end"}\n',
        b"x" * 70000 + b"\n",
    ],
    ids=lambda message: repr(message[-40:]),
)
def test_a_request_for_anything_else_is_refused_and_the_next_is_served(serve: Serve, message: bytes) -> None:
    source = Sleeping()
    path = serve(source)
    assert set(ask(path, message)) == {"error"}
    assert source.specs == []
    assert LauncherClient(path).start(SPEC).end().code == 137


def test_a_source_that_fails_is_told_to_the_client(serve: Serve) -> None:
    class Broken(Sleeping):
        def start(self, spec: ContainerSpec) -> Container:
            raise SandboxError("no such luck")

    with pytest.raises(SandboxError, match="no such luck"):
        LauncherClient(serve(Broken())).start(SPEC)


def test_a_bug_in_the_source_is_an_error_and_frees_the_place(serve: Serve) -> None:
    class Buggy(Sleeping):
        def start(self, spec: ContainerSpec) -> Container:
            raise ZeroDivisionError

    client = LauncherClient(serve(Buggy(), containers=1, wait=1))
    for _ in range(3):
        with pytest.raises(SandboxError, match="its log says why"):
            client.start(SPEC)


def test_a_client_waits_for_a_place(serve: Serve) -> None:
    client = LauncherClient(serve(Sleeping(), containers=1))
    first = client.start(SPEC)
    threading.Timer(0.5, first.end).start()
    before = time.monotonic()
    client.start(SPEC).end()
    assert time.monotonic() - before > 0.3


def test_examiners_and_candidates_have_places_of_their_own(serve: Serve) -> None:
    client = LauncherClient(serve(Sleeping(), containers=1, wait=1))
    values = {name: getattr(SPEC, name) for name in SPEC.__dataclass_fields__}
    examiner = client.start(ContainerSpec(**{**values, "role": "examiner"}))
    candidate = client.start(SPEC)
    with pytest.raises(SandboxError, match="busy"):
        client.start(SPEC)
    candidate.end()
    examiner.end()


def test_a_client_that_leaves_while_it_waits_takes_no_place(serve: Serve) -> None:
    source = Sleeping()
    client = LauncherClient(serve(source, containers=1))
    first = client.start(SPEC)
    with pytest.raises(SandboxError, match="timed out"):
        LauncherClient(client._path, timeout=0.5).start(SPEC)
    time.sleep(0.5)
    first.end()
    client.start(SPEC).end()
    assert len(source.specs) == 2


def test_a_lease_ends_with_the_lifetime(serve: Serve) -> None:
    container = LauncherClient(serve(Sleeping(), lifetime=0.5)).start(SPEC)
    container.socket.settimeout(10)
    assert container.socket.recv(1) == b""
    assert container.end().code == 137


def test_a_second_launcher_on_the_same_path_is_refused(serve: Serve) -> None:
    path = serve(Sleeping())
    with pytest.raises(SandboxError, match="Another launcher serves"):
        Launcher(path, Sleeping(), Ceiling())
    LauncherClient(path).start(SPEC).end()


def test_a_launcher_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="Start it"):
        LauncherClient(tmp_path / "none.sock").start(SPEC)


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="107 bytes"):
        Launcher(tmp_path / ("x" * 120), Sleeping(), Ceiling())


# From here on with real processes and Docker.


@pytest.fixture
def spawn(docker_sandbox: DockerSandbox, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """A function that starts the real launcher on tmp_path/real.sock and waits until it listens."""
    path = tmp_path / "real.sock"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "GRADER_LAUNCHER": str(path), "GRADER_SANDBOXES": str(SANDBOXES)}
        process = subprocess.Popen([sys.executable, "-m", "grader.sandbox.launcher"], env=environment)
        running.append(process)
        until = time.monotonic() + 20
        while time.monotonic() < until and process.poll() is None:
            with socket.socket(socket.AF_UNIX) as sock:
                if sock.connect_ex(str(path)) == 0:
                    return process
            time.sleep(0.05)
        pytest.fail("the launcher did not start")

    yield start
    for process in running:
        process.terminate()
        process.wait(30)


def owned(docker_sandbox: DockerSandbox, job: str) -> int:
    found = docker_sandbox.engine.api.containers(all=True, filters={"label": f"grader.job={job}"})
    return len(found)


def gone(docker_sandbox: DockerSandbox, job: str) -> bool:
    """Whether the job's containers are gone within 10 s."""
    until = time.monotonic() + 10
    while owned(docker_sandbox, job) and time.monotonic() < until:
        time.sleep(0.05)
    return owned(docker_sandbox, job) == 0


HOLDER = """
import sys, time
from pathlib import Path
from grader.sandbox import ContainerSpec, LauncherClient
spec = ContainerSpec("candidate", "python", sys.argv[2], 2**28, 1, 2**24, 64, 300)
container = LauncherClient(Path(sys.argv[1])).start(spec)
print("held", flush=True)
time.sleep(300)
"""


def hold(path: Path, job: str) -> subprocess.Popen[bytes]:
    """Another process that holds a lease."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), job], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def end(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    process.send_signal(number)
    process.wait(30)
    if process.stdout:
        process.stdout.close()


def test_a_killed_client_leaves_no_container(
    spawn: Callable[[], subprocess.Popen[bytes]], docker_sandbox: DockerSandbox, tmp_path: Path
) -> None:
    spawn()
    holder = hold(tmp_path / "real.sock", "killed-client")
    assert owned(docker_sandbox, "killed-client") == 1
    end(holder)
    assert gone(docker_sandbox, "killed-client")


def test_a_killed_launcher_is_cleaned_up_after_by_the_next(
    spawn: Callable[[], subprocess.Popen[bytes]], docker_sandbox: DockerSandbox, tmp_path: Path
) -> None:
    launcher = spawn()
    holder = hold(tmp_path / "real.sock", "killed-launcher")
    end(launcher)
    assert owned(docker_sandbox, "killed-launcher") == 1
    spawn()
    assert gone(docker_sandbox, "killed-launcher")
    end(holder)


def test_a_terminated_launcher_ends_its_containers_and_removes_its_socket(
    spawn: Callable[[], subprocess.Popen[bytes]], docker_sandbox: DockerSandbox, tmp_path: Path
) -> None:
    launcher = spawn()
    holder = hold(tmp_path / "real.sock", "terminated-launcher")
    end(launcher, signal.SIGTERM)
    assert launcher.returncode == 0
    assert owned(docker_sandbox, "terminated-launcher") == 0
    assert not (tmp_path / "real.sock").exists()
    end(holder)


def test_the_reaper_takes_what_is_past_its_deadline_and_nothing_else(docker_sandbox: DockerSandbox) -> None:
    late = docker_sandbox._start(
        ContainerSpec("candidate", "python", "late", 2**28, 1, 2**24, 64, 0.1), ["-c", "input()"]
    )
    good = docker_sandbox._start(
        ContainerSpec("candidate", "python", "good", 2**28, 1, 2**24, 64, 99), ["-c", "input()"]
    )
    time.sleep(2.2)
    other = DockerSandbox(SANDBOXES, owner="somebody-else", engine=docker_sandbox.engine)
    assert other.reap() >= 1
    assert owned(docker_sandbox, "late") == 0
    assert owned(docker_sandbox, "good") == 1
    late.end()
    good.end()


def test_the_reaper_takes_what_the_last_holder_of_its_role_left(docker_sandbox: DockerSandbox) -> None:
    before = DockerSandbox(SANDBOXES, owner="role-of-this-test", engine=docker_sandbox.engine)
    left = before._start(ContainerSpec("candidate", "python", "left", 2**28, 1, 2**24, 64, 99), ["-c", "input()"])
    assert before.reap() == 0
    assert DockerSandbox(SANDBOXES, owner="role-of-this-test", engine=docker_sandbox.engine).reap() == 1
    assert left.end().code is None


def test_the_reaper_leaves_containers_that_are_not_ours(docker_sandbox: DockerSandbox) -> None:
    api = docker_sandbox.engine.api
    image = docker_sandbox._image("python")
    made = api.create_container_from_config({"Image": image, "Cmd": ["python3"]}, name="not-ours-at-all")["Id"]
    try:
        docker_sandbox.reap()
        assert api.inspect_container(made)["Id"] == made
    finally:
        docker_sandbox.engine.remove(made)
