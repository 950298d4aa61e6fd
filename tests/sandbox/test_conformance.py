"""What any way of running containers must do: streams, ends and leftovers."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest
from sandbox_backends import SPEC, Backend, containers_of, drain

from grader.errors import SandboxError
from grader.sandbox import FRAME, ContainerSpec, Exit
from grader.sandbox.docker import DockerSandbox


def test_output_comes_in_frames_with_the_streams_apart(backend: Backend) -> None:
    result = backend.run("import os; os.write(1, bytes(range(256))); os.write(2, b'aside')")
    assert result.stdout == bytes(range(256))
    assert result.stderr == b"aside"
    assert result.exit == Exit(0, out_of_memory=False)


def test_a_frame_says_its_stream_and_size(backend: Backend) -> None:
    container = backend.start("import os; os.write(2, b'abc'); os.read(0, 1)")
    assert container.socket.recv(FRAME.size + 3, socket.MSG_WAITALL) == b"\x02\0\0\0\0\0\0\x03abc"
    container.end()


def test_megabytes_go_in_and_come_back_unchanged(backend: Backend) -> None:
    container = backend.start("import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)")
    sent = bytes(range(256)) * 16384

    def feed() -> None:
        container.socket.sendall(sent)
        container.socket.shutdown(socket.SHUT_WR)

    feeder = threading.Thread(target=feed)
    feeder.start()
    assert drain(container) == (sent, b"")
    feeder.join()
    assert container.end().code == 0


def test_closing_stdin_ends_a_program_that_waits_on_it(backend: Backend) -> None:
    container = backend.start("import sys; sys.stdin.read(); sys.exit(3)")
    container.socket.shutdown(socket.SHUT_WR)
    assert drain(container) == (b"", b"")
    assert container.end() == Exit(3, out_of_memory=False)


def test_a_grandchild_does_not_keep_the_stream_open(backend: Backend) -> None:
    result = backend.run("import subprocess; subprocess.Popen(['sleep', '300']); print('done')")
    assert result.stdout == b"done\n"


def test_a_sleeping_program_is_killed_at_once_and_ending_twice_is_fine(backend: Backend) -> None:
    container = backend.start("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)")
    before = time.monotonic()
    assert container.end() == Exit(137, out_of_memory=False)
    assert time.monotonic() - before < 5
    assert container.end() == Exit(137, out_of_memory=False)


def test_a_flood_that_nobody_reads_does_not_delay_the_end(backend: Backend) -> None:
    container = backend.start("import os\nwhile True: os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)")
    time.sleep(0.5)
    before = time.monotonic()
    container.end()
    assert time.monotonic() - before < 5


def test_ending_wakes_a_thread_that_reads(backend: Backend) -> None:
    container = backend.start("import time; time.sleep(300)")
    ended = threading.Event()

    def read() -> None:
        with contextlib.suppress(OSError):
            container.socket.recv(1)
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.1)
    container.end()
    assert ended.wait(5)
    reader.join()


def test_the_image_is_named_by_digest(backend: Backend) -> None:
    container = backend.start("")
    assert container.image_id.startswith("sha256:")
    assert len(container.image_id) == 71
    container.end()


def test_nothing_is_left_after_the_end(walled: Backend, docker_sandbox: DockerSandbox) -> None:
    container = walled.start("import time; time.sleep(300)")
    assert len(containers_of(docker_sandbox)) == 1
    container.end()
    assert containers_of(docker_sandbox) == []


def test_a_container_that_another_party_removed_still_ends(walled: Backend, docker_sandbox: DockerSandbox) -> None:
    container = walled.start("import time; time.sleep(300)")
    docker_sandbox.engine.remove(containers_of(docker_sandbox)[0]["Id"])
    assert container.end() == Exit(None, out_of_memory=False)


def test_many_threads_start_and_end_at_once(docker_sandbox: DockerSandbox) -> None:
    backend = Backend("docker", docker_sandbox)
    said: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: said.append(backend.run("import os; print(os.getuid())").stdout))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 6
    assert all(60000 < int(uid) < 65534 for uid in said)


def test_an_image_that_is_not_there_names_the_ones_there_are(docker_sandbox: DockerSandbox) -> None:
    with pytest.raises(SandboxError, match="found: examiner, python, python-ml"):
        docker_sandbox.start(ContainerSpec("candidate", "fortran", "test", 2**28, 1, 2**24, 64, 60))


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "root"},
        {"image": "../../etc"},
        {"image": "Python"},
        {"image": ""},
        {"job": "a b"},
        {"job": ""},
        {"memory": 0},
        {"disk": -1},
        {"processes": 0},
        {"cpus": float("nan")},
        {"cpus": float("inf")},
        {"lifetime": float("inf")},
    ],
    ids=str,
)
def test_a_spec_that_no_container_can_have_is_refused(wrong: dict[str, object]) -> None:
    values = {name: getattr(SPEC, name) for name in SPEC.__dataclass_fields__}
    with pytest.raises(SandboxError):
        ContainerSpec(**{**values, **wrong})
