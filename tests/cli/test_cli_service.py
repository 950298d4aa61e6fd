from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.docker import DockerSandbox

Run = Callable[..., Any]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name, as sockets need it."""
    home = Path(tempfile.mkdtemp(prefix="gc"))
    monkeypatch.setenv("GRADER_HOME", str(home))
    yield home
    shutil.rmtree(home)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> set[int]:
    """Every process below this one that still runs."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    pairs = list(zip(map(int, found[::2]), map(int, found[1::2]), strict=True))
    below, grown = {pid}, True
    while grown:
        more = {child for child, parent in pairs if parent in below} - below
        below |= more
        grown = bool(more)
    return below - {pid}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.1)


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _heed_interrupts() -> None:
    """A shell without job control starts what runs in its background, these tests perhaps, deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_the_service_answers_and_leaves_no_process_and_no_socket(
    docker_sandbox: DockerSandbox, home: Path, port: int, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "grader.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    with (home / "log").open("wb") as log:
        service = subprocess.Popen(
            command, stderr=log, stdout=log, stdin=subprocess.DEVNULL, preexec_fn=_heed_interrupts
        )
    try:
        wait_until(lambda: service.poll() is not None or healthy(port))
        wait_until(lambda: b"Grader is on http://127.0.0.1:" in (home / "log").read_bytes())
        parts = children(service.pid)
        assert len(parts) >= 5, "queue, launcher, worker, web and its own worker"
    finally:
        service.send_signal(number)
        status = service.wait(60)

    if number == signal.SIGKILL:  # the queue stays and is adopted by the next service; the others notice
        wait_until(lambda: sum(map(alive, parts)) <= 1)
        for pid in filter(alive, parts):
            os.kill(pid, signal.SIGTERM)
        return
    assert status == 0, (home / "log").read_text()
    assert not [pid for pid in parts if alive(pid)]
    assert not healthy(port)
    assert not list(home.glob("*.sock"))


def test_an_address_in_use_is_refused_before_anything_starts(grader: Run, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = grader("serve", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")

    assert ran.status == 2
    assert "--bind 127.0.0.1:" in ran.err
    assert not list(home.iterdir())


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_refused(grader: Run, bind: str) -> None:
    ran = grader("serve", "--bind", bind)

    assert ran.status == 2
    assert "is not HOST:PORT" in ran.err


def test_the_demo_grades_examples_through_the_whole_service(
    graded: Run, make_suite: Callable[..., Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = make_suite()
    monkeypatch.setenv("GRADER_RUBRICS", str(suite.parent))

    ran = graded("demo")

    reports = home / "demo" / "reports"
    assert ran.status == 0, ran.out + ran.err
    assert "all 3 results as expected" in ran.out
    assert sorted(path.name for path in reports.iterdir()) == [
        "adding-empty.json",
        "adding-reference.json",
        "adding-small.json",
    ]
    assert json.loads((reports / "adding-reference.json").read_text())["points"] == 10
    assert not list((home / "demo").glob("*.sock"))

    (suite / "examples" / "expected.yaml").write_text(
        "reference: {points: 9}\nempty: {points: 0}\nsmall: {points: 6}\n"
    )
    again = graded("demo", "--rubric", "adding")

    assert again.status == 1
    assert "1 of 3 results differ" in again.out


def test_work_without_a_queue_says_what_to_start(grader: Run, home: Path) -> None:
    ran = grader("work", "--burst")

    assert ran.status == 3
    assert "start `grader serve`, or set GRADER_REDIS_URL" in ran.err


def test_migrate_makes_the_database(grader: Run, home: Path) -> None:
    assert grader("migrate").status == 0
    assert (home / "grader.db").exists()
    assert grader("migrate").status == 0


def test_the_doctor_finds_this_machine_fit(graded: Run, home: Path) -> None:
    ran = graded("doctor")

    assert ran.status == 0, ran.out
    assert "This machine can grade." in ran.out
    assert "rubric linear-model" in ran.out
    assert os.listdir(home) == []


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(
    grader: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rubrics" / "broken").mkdir(parents=True)
    (tmp_path / "rubrics" / "broken" / "rubric.yaml").write_text("rubric: 2\n")
    monkeypatch.setenv("GRADER_RUBRICS", str(tmp_path / "rubrics"))
    monkeypatch.setenv("GRADER_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("GRADER_DATABASE_URL", f"sqlite:///{tmp_path}")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    ran = grader("doctor")

    assert ran.status == 1
    assert "checks failed: docker, queue, database, rubric broken" in ran.out
    assert "rubric.yaml:1:1" in ran.out
    assert "unset GRADER_REDIS_URL" in ran.out
