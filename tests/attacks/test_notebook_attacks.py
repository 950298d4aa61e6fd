"""Hostile notebooks in Docker: none earns a point, none harms the next, and every one is reported in good order."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from notebooks import code, hold_notebook, notebook_suite

from grader.rubric import Report
from grader.sandbox.docker import DockerSandbox

TESTS = """
import pytest

def test_answer(submission):
    assert submission.notebook["answer"] == 42

def test_function(submission):
    double = submission.notebook["double"]
    assert [double(n) for n in range(5)] == [0, 2, 4, 6, 8]

def test_shown(submission):
    assert submission.notebook.by_tag("shows")[0].stdout == "42\\n"
"""
CRITERIA = """\
  - {id: all, title: All, points: 90, tests: tests/test_small.py}
  - {id: plot, title: Plot, points: 10, cells: {tag: plot, figure: true}}
"""
HONEST = [
    "answer = 42",
    "def double(n):\n    return 2 * n",
    code("print(answer)", "shows"),
    code("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "plot"),
]
STORED = {"output_type": "stream", "name": "stdout", "text": "42\n"}
CLAIMED = [{**code("pass", "shows"), "execution_count": 1, "outputs": [STORED]}]
CANARY = "/tmp/attack_canary_notebook"

ATTACKS: dict[str, list[Any]] = {
    "stored-outputs": CLAIMED,
    "bash": [f"%%bash\ntouch {CANARY}", code("", "shows")],
    "writes-on-every-descriptor": [
        """
        import os
        for fd in range(256):
            try:
                os.write(fd, b"\\0\\0\\0\\4\\0\\0\\0\\0pass" * 100)
            except OSError:
                pass
        """
    ],
    "closes-every-descriptor": ["import os\nos.closerange(0, 256)"],
    "kills-its-executor": [
        """
        import os, signal
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, os.getpid()):
                try:
                    os.kill(int(name), signal.SIGKILL)
                except OSError:
                    pass
        """
    ],
    "kills-everything": ["import os\nos.kill(-1, 9)"],
    "stops-the-loop": ["k = get_ipython().kernel\nk.io_loop.add_callback(k.io_loop.stop)\nk.io_loop.stop()"],
    "closes-the-channels": ["k = get_ipython().kernel\nk.shell_stream.close(); k.iopub_thread.close()"],
    "ignores-interrupts": [
        """
        import time
        while True:
            try:
                time.sleep(0.01)
            except BaseException:
                pass
        """
    ],
    "patches-the-kernel": [
        """
        import ipykernel.kernelbase as base, json, builtins, sys
        async def execute_request(self, stream, ident, parent):
            self.session.send(stream, "execute_reply", {"status": "ok", "execution_count": 1}, parent, ident=ident)
        base.Kernel.execute_request = execute_request
        json.loads = json.dumps = lambda *a, **k: {"status": "passed"}
        """
    ],
    "lies-about-equality": [
        """
        class Any:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 42
            def __call__(self, *a): return self
            __lt__ = __gt__ = __le__ = __ge__ = __eq__
        answer = double = Any()
        """
    ],
    "number-that-lies": [
        "class N(int):\n    def __eq__(self, o): return True\n    __hash__ = int.__hash__\nanswer = N(7)"
    ],
    "evil-namespace": [
        """
        import sys
        get_ipython().user_ns.clear()
        class Names(dict):
            def __getitem__(self, name): return 42
            def __contains__(self, name): return True
            def __iter__(self): return iter(["answer", "double"])
        """
    ],
    "exits": ["import sys\nsys.exit(0)"],
    "exits-at-once": ["import os\nos._exit(0)"],
    "segfaults": ["import ctypes\nctypes.string_at(0)"],
    "takes-all-memory": ["x = bytearray(3 * 1024 ** 3)"],
    "prints-a-flood": [code("print('4' * 100_000_000)", "shows")],
    "shows-a-flood": ["for n in range(20_000):\n    display(n)"],
    "verdict-in-the-output": ['print(\'{"id": "tests/test_small.py::test_answer", "status": "passed"}\')'],
    "forks": ["import os, time\nfor n in range(3):\n    if os.fork() == 0: time.sleep(60)"],
    "threads-that-stay": [
        """
        import threading, time
        def talk():
            while True:
                print("42"); time.sleep(0.001)
        [threading.Thread(target=talk, daemon=True).start() for _ in range(5)]
        """
    ],
    "reads-the-tests": [
        """
        import os
        found = [os.path.join(d, f) for d, _, fs in os.walk("/") if not d.startswith(("/proc", "/sys"))
                 for f in fs if "test_small" in f or "rubric_cells" in f]
        answer = 42 if found else 0
        """
    ],
    "reaches-the-network": [
        """
        import socket
        answer = 0
        for host in ("1.1.1.1", "172.17.0.1", "169.254.169.254"):
            try:
                socket.create_connection((host, 80), timeout=1)
                answer = 42
            except OSError:
                pass
        """
    ],
}


def hold(folder: Path, cells: list[Any], sandbox: DockerSandbox) -> tuple[Report, dict[str, bytes]]:
    folder.mkdir()
    suite = notebook_suite(folder, TESTS, criteria=CRITERIA, spec="timeout: 5", limits=", memory: 768m")
    return hold_notebook(suite, cells, sandbox)


@pytest.fixture(scope="module")
def held(
    request: pytest.FixtureRequest, docker_sandbox: DockerSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[tuple[Report, dict[str, bytes]]]]]:
    """The attacks that are to be tested, two at a time, started ahead of their tests."""
    base = tmp_path_factory.mktemp("notebooks")
    chosen = {i.callspec.params["name"] for i in request.session.items if "held" in getattr(i, "fixturenames", ())}  # type: ignore[attr-defined]
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(hold, base / name, ATTACKS[name], docker_sandbox) for name in ATTACKS if name in chosen
        }


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_notebook_earns_nothing(name: str, held: dict[str, Future[tuple[Report, dict[str, bytes]]]]) -> None:
    report, kept = held[name].result()
    assert report.outcome == "graded"
    assert report.points == 0, [(t.id, t.status, t.message) for c in report.criteria for t in c.tests]
    assert report.notebook is not None
    assert sum(map(len, kept.values())) < 10_000_000
    assert not Path(CANARY).exists()


def test_the_honest_notebook_earns_all(docker_sandbox: DockerSandbox, tmp_path: Path) -> None:
    report, _ = hold(tmp_path / "honest", HONEST, docker_sandbox)
    assert report.points == 100, [t.message for c in report.criteria for t in c.tests]


def test_what_a_notebook_prints_while_it_is_tested_cannot_carry_a_hidden_input(
    docker_sandbox: DockerSandbox, tmp_path: Path
) -> None:
    """The notebook was executed before any test, so what it shows knows nothing of them."""
    cells = ["seen = []\ndef double(n):\n    seen.append(n); print('LEAK', n)\n    return 2 * n", "answer = 42"]
    (tmp_path / "leak").mkdir()
    suite = notebook_suite(
        tmp_path / "leak",
        textwrap.dedent(TESTS),
        criteria="  - {id: all, title: All, points: 9, tests: tests/test_small.py, visibility: hidden}\n",
    )
    report, kept = hold_notebook(suite, cells, docker_sandbox)
    assert report.points == 6
    assert b"LEAK" not in kept["notebook.ipynb"].replace(b"print('LEAK'", b"")
