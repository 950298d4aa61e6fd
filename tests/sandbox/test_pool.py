"""The pool: what it keeps ready, whom it gives it to, and what it leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sandbox_backends import SPEC, containers_of

from grader.errors import SandboxError
from grader.sandbox import Container, ContainerSpec, Exit, LocalSandbox
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.pool import Pool, _is_alive

OTHER = replace(SPEC, memory=SPEC.memory + 1)


class Children:
    """A source of child processes that wait on stdin, with a note of what it started and what has not ended."""

    def __init__(self) -> None:
        self.specs: list[ContainerSpec] = []
        self.running: list[Container] = []
        self.may_start = threading.Event()
        self.may_start.set()

    def start(self, spec: ContainerSpec) -> Container:
        self.specs.append(spec)
        assert self.may_start.wait(10)
        made = LocalSandbox()._start(spec, ["-c", "import sys; sys.stdin.read()"])
        self.running.append(made)
        forget, end = self.running.remove, made.end

        def ended() -> Exit:
            if made in self.running:
                forget(made)
            return end()

        made.end = ended  # type: ignore[method-assign]
        return made

    def reap(self) -> int:
        return 7


@pytest.fixture
def source() -> Iterator[Children]:
    source = Children()
    yield source
    assert source.running == []


@pytest.fixture
def make(source: Children) -> Iterator[Callable[..., Pool]]:
    pools: list[Pool] = []

    def pool(**options: float) -> Pool:
        pools.append(Pool(source, **options))  # type: ignore[arg-type]
        return pools[-1]

    yield pool
    for one in pools:
        one.close()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_nothing_is_made_before_anything_was_asked_for(make: Callable[..., Pool], source: Children) -> None:
    pool = make()
    time.sleep(0.05)
    assert (source.specs, pool.waiting, pool.reap()) == ([], 0, 7)


def test_the_next_of_a_kind_is_made_when_one_ends_and_is_given_out_once(
    make: Callable[..., Pool], source: Children
) -> None:
    pool = make(idle=100)
    first = pool.start(SPEC)
    time.sleep(0.05)
    assert pool.waiting == 0
    first.end()
    first.end()
    until(lambda: pool.waiting == 1)
    assert source.specs == [SPEC, replace(SPEC, job="ready", lifetime=SPEC.lifetime + 100)]
    second = pool.start(replace(SPEC, job="another"))
    third = pool.start(SPEC)
    assert len(source.specs) == 3
    assert second.socket.fileno() != third.socket.fileno()
    second.end()
    third.end()


def test_another_kind_is_never_given_out(make: Callable[..., Pool], source: Children) -> None:
    pool = make()
    pool.start(SPEC).end()
    until(lambda: pool.waiting == 1)
    for change in ("memory", "cpus", "disk", "processes", "lifetime"):
        pool.start(replace(SPEC, **{change: getattr(SPEC, change) + 1})).end()
    pool.start(replace(SPEC, image="python-ml")).end()
    pool.start(replace(SPEC, role="examiner")).end()
    pool.start(replace(SPEC, kernel=True)).end()
    assert len([spec for spec in source.specs if spec.job != "ready"]) == 9


def test_one_that_died_while_it_waited_is_not_given_out(make: Callable[..., Pool], source: Children) -> None:
    pool = make()
    pool.start(SPEC).end()
    until(lambda: pool.waiting == 1)
    (dead,) = source.running
    dead._process.kill()  # type: ignore[attr-defined]
    until(lambda: not _is_alive(dead.socket))
    given = pool.start(SPEC)
    assert source.specs[-1] == SPEC
    assert dead not in source.running
    given.end()


def test_a_request_waits_for_the_one_that_is_being_started(make: Callable[..., Pool], source: Children) -> None:
    pool = make()
    first = pool.start(SPEC)
    source.may_start.clear()
    first.end()
    until(lambda: len(source.specs) == 2)
    threading.Timer(0.2, source.may_start.set).start()
    pool.start(SPEC).end()
    assert [spec.job for spec in source.specs[:2]] == [SPEC.job, "ready"]
    assert [spec for spec in source.specs[2:] if spec.job != "ready"] == []


def test_no_more_than_was_used_at_once_and_no_more_than_allowed_waits(
    make: Callable[..., Pool], source: Children
) -> None:
    pool = make(ready=2, most=3)
    for container in [pool.start(SPEC) for _ in range(4)]:
        container.end()
    until(lambda: pool.waiting == 2)
    for container in [pool.start(OTHER) for _ in range(4)]:
        container.end()
    until(lambda: [spec.job for spec in source.specs].count("ready") == 4)
    until(lambda: pool.waiting == 3)
    time.sleep(0.1)
    assert len(source.running) == 3
    assert pool.start(OTHER) is not pool.start(OTHER)
    assert [spec for spec in source.specs if spec == OTHER] == [OTHER] * 4
    for container in list(source.running):
        container.end()


def test_what_waits_too_long_is_ended_and_its_place_stays_empty(make: Callable[..., Pool], source: Children) -> None:
    pool = make(idle=0.3)
    pool.start(SPEC).end()
    until(lambda: len(source.running) == 1)
    until(lambda: source.running == [])
    assert pool.waiting == 0
    time.sleep(0.2)
    assert len(source.specs) == 2


def test_zero_keeps_none_ready(make: Callable[..., Pool], source: Children) -> None:
    pool = make(ready=0)
    pool.start(SPEC).end()
    time.sleep(0.1)
    assert (pool.waiting, len(source.specs)) == (0, 1)


def test_a_source_that_fails_ahead_of_need_fails_nobody(
    make: Callable[..., Pool], source: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, start = make(), source.start
    fails = [SandboxError("Docker is away"), ZeroDivisionError()]

    def sometimes(spec: ContainerSpec) -> Container:
        if spec.job == "ready" and fails:
            raise fails.pop()
        return start(spec)

    monkeypatch.setattr(source, "start", sometimes)
    for _ in range(3):
        pool.start(SPEC).end()
    until(lambda: pool.waiting == 1)
    assert fails == []


def test_closing_ends_what_waits_and_makes_no_more(make: Callable[..., Pool], source: Children) -> None:
    pool = make()
    used = pool.start(SPEC)
    pool.start(SPEC).end()
    until(lambda: pool.waiting == 1)
    pool.close()
    used.end()
    time.sleep(0.1)
    assert (source.running, pool.waiting, len(source.specs)) == ([], 0, 3)


def test_a_container_of_docker_waits_and_still_serves(docker_sandbox: DockerSandbox) -> None:
    pool = Pool(docker_sandbox)
    try:
        pool.start(SPEC).end()
        until(lambda: pool.waiting == 1)
        (waiting,) = containers_of(docker_sandbox)
        container = pool.start(SPEC)
        assert len(containers_of(docker_sandbox)) == 1
        assert waiting["State"] == "running"
        container.end()
    finally:
        pool.close()
    assert containers_of(docker_sandbox) == []
