"""In Docker: how a student's process ends is told rightly, costs only its own test, and leaves no container behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from exams import hold, results, small_suite

from grader.sandbox.docker import DockerSandbox

TESTS = """
    from solution import good, bad
    def test_before(): assert good() == 1
    def test_bad(): assert bad() == 1
    def test_after(): assert good() == 1
"""
BEGINNING = "import os, signal, sys, time\ndef good(): return 1\ndef bad():\n    "
ENDINGS = {
    "exits with status 0": ("os._exit(0)", "crashed"),
    "exits politely": ("sys.exit(0)", "failed"),
    "loops": ("\n    while True: pass", "timeout"),
    "sleeps": ("time.sleep(1000)", "timeout"),
    "allocates 3 GiB": ("keep = [bytearray(b'x' * (64 << 20)) for _ in range(48)]", "out_of_memory"),
    "kills everything": (
        "\n    try: os.kill(-1, signal.SIGKILL)\n    finally: os.kill(os.getpid(), signal.SIGKILL)",
        "crashed",
    ),
    "stops itself": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout"),
    "crashes in C": ("import ctypes; ctypes.string_at(1)", "crashed"),
    "floods its output": ("\n    for _ in range(60): os.write(2, b'x' * (1 << 20)); print('y' * (1 << 20))", "failed"),
    "forks": (
        "\n    try:\n        while os.fork(): pass\n        time.sleep(9); os._exit(0)\n    except OSError: pass",
        "failed",
    ),
    "writes on every descriptor": (
        "\n    for fd in range(1, 64):\n        try: os.write(fd, b'verdict: passed')\n        except OSError: pass",
        "crashed",
    ),
    "fills the disk": (
        "\n    with open('big', 'wb') as f:\n        for _ in range(4096): f.write(b'x' * (1 << 20))",
        "failed",
    ),
}


def containers() -> set[str]:
    done = subprocess.run(["docker", "ps", "-aq", "--filter", "label=grader.job=test"], capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_an_ending_is_told_rightly_and_costs_one_test(
    ending: str, tmp_path: Path, docker_sandbox: DockerSandbox
) -> None:
    code, status = ENDINGS[ending]
    suite = small_suite(tmp_path, TESTS, test_time=6, limits=", memory: 256m, disk: 64m, processes: 64")
    report = hold(suite, BEGINNING + code + "\n", docker_sandbox)

    found = results(report)
    assert {n: t.status for n, t in found.items()} == {
        "test_before": "passed",
        "test_bad": status,
        "test_after": "passed",
    }, found["test_bad"].message
    assert len(found["test_bad"].output) < 20_000
    assert not containers()


def test_a_grading_repeats_to_the_same_transcript(tmp_path: Path, docker_sandbox: DockerSandbox) -> None:
    tests = "from solution import good\ndef test_good(rng): assert good(rng.random()) == 1\n"
    solution = "import random\ndef good(x): return 1 if {str(x), 'b', 'c'} else random.random()\n"
    suite = small_suite(tmp_path, tests)

    first, second = hold(suite, solution, docker_sandbox), hold(suite, solution, docker_sandbox)

    assert first.environment == second.environment
    assert first.environment.image != first.environment.examiner_image
    assert first.criteria[0].points == second.criteria[0].points == 10
