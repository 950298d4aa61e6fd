"""Containers started ahead of need: each waits with its imports done, is used once, and is replaced when its use ends.

What is kept ready is what was asked for before: the first container of a kind is started on request, and when it ends
another of that kind is made ready, while nothing else is being made. So a burst is followed by as many ready ones as it
used at once, up to `ready`, and a kind that nobody asks for any more goes after `idle` seconds.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from grader.errors import SandboxError
from grader.sandbox.base import Container, ContainerSpec, Exit

log = logging.getLogger(__name__)

_JOB = "ready"
"""The job that a waiting container is labelled with; whose it becomes is in the launcher's log."""


class Source(Protocol):
    """Where containers come from."""

    def start(self, spec: ContainerSpec) -> Container:
        """A container for this spec that nobody has used. Raises SandboxError."""

    def reap(self) -> int:
        """Remove what nobody owns any more; how many."""


class Pool:
    """A `Source` in front of another one."""

    def __init__(self, source: Source, *, ready: int = 2, most: int = 8, idle: float = 900) -> None:
        """Keep at most `ready` waiting of one kind and `most` of all, each for `idle` seconds."""
        self._source = source
        self._ready = ready
        self._most = most
        self._idle = idle
        self._waiting: OrderedDict[ContainerSpec, deque[tuple[float, Container]]] = OrderedDict()
        self._wanted: deque[ContainerSpec] = deque()
        self._making: ContainerSpec | None = None
        self._closed = False
        self._change = threading.Condition()
        self._maker = threading.Thread(target=self._work, name="pool", daemon=True)
        self._maker.start()

    def start(self, spec: ContainerSpec) -> Container:
        """One that waits, or else a new one. Raises SandboxError."""
        kind = replace(spec, job=_JOB)
        found = self._take(kind)
        if found is None:
            found = self._source.start(spec)
        else:
            log.info("a ready %s goes to %s", spec.role, spec.job)
        return _Lent(found, self, kind)

    def reap(self) -> int:
        """Remove what nobody owns any more; how many."""
        return self._source.reap()

    def close(self) -> None:
        """End what waits, and make no more."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._maker.join(timeout=30)
        with self._change:
            left = [container for queue in self._waiting.values() for _, container in queue]
            self._waiting.clear()
        _end(left)

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._change:
            return self._count()

    def _take(self, kind: ContainerSpec) -> Container | None:
        """The oldest of its kind that is still alive; waits for one that is just being started."""
        dead: list[Container] = []
        try:
            with self._change:
                while True:
                    while queue := self._waiting.get(kind):
                        _, container = queue.popleft()
                        if _is_alive(container.socket):
                            self._waiting.move_to_end(kind)
                            return container
                        dead.append(container)
                    if self._making != kind or self._closed:
                        return None
                    self._change.wait()
        finally:
            _end(dead)

    def want(self, kind: ContainerSpec) -> None:
        """Have one more of a kind made, when there is room for it."""
        with self._change:
            if not self._closed and self._ready:
                self._wanted.append(kind)
                self._change.notify_all()

    # the maker's thread

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._closed and not self._wanted and self._next_overdue() != 0:
                    self._change.wait(timeout=self._next_overdue())
                if self._closed:
                    return
                surplus = self._take_overdue()
                kind = self._next() if self._wanted else None
                surplus += self._make_room() if kind else []
                self._making = kind
            _end(surplus)
            if kind:
                self._make(kind)

    def _next(self) -> ContainerSpec | None:
        kind = self._wanted.popleft()
        return kind if len(self._waiting.get(kind, ())) < self._ready else None

    def _make(self, kind: ContainerSpec) -> None:
        made: Container | None = None
        try:
            made = self._source.start(replace(kind, lifetime=kind.lifetime + self._idle))
        except SandboxError as error:
            log.warning("no %s is made ready: %s", kind.role, error)
        except Exception:
            log.exception("no %s is made ready", kind.role)
        with self._change:
            self._making = None
            if made is not None:
                self._waiting.setdefault(kind, deque()).append((time.monotonic(), made))
                self._waiting.move_to_end(kind)
            self._change.notify_all()

    def _make_room(self) -> list[Container]:
        """Take out what was asked for longest ago, so that one more may wait."""
        excess: list[Container] = []
        for queue in self._waiting.values():
            while queue and self._count() >= self._most:
                excess.append(queue.popleft()[1])
        return excess

    def _count(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _take_overdue(self) -> list[Container]:
        """Take out what has waited too long, and forget the kinds of which none waits."""
        until = time.monotonic() - self._idle
        old: list[Container] = []
        for kind, queue in list(self._waiting.items()):
            while queue and queue[0][0] <= until:
                old.append(queue.popleft()[1])
            if not queue:
                del self._waiting[kind]
        return old

    def _next_overdue(self) -> float | None:
        """Seconds until the oldest has waited long enough; None when none waits."""
        since = [entry[0] for queue in self._waiting.values() for entry in queue]
        return max(0.0, min(since) + self._idle - time.monotonic()) if since else None


class _Lent:
    """A container in use, whose end has another of its kind made."""

    def __init__(self, container: Container, pool: Pool, kind: ContainerSpec) -> None:
        self._container = container
        self._pool: Pool | None = pool
        self._kind = kind

    @property
    def socket(self) -> socket.socket:
        return self._container.socket

    @property
    def image_id(self) -> str:
        return self._container.image_id

    def end(self) -> Exit:
        """End it, then have the next one made."""
        ended = self._container.end()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.want(self._kind)
        return ended


def _is_alive(sock: socket.socket) -> bool:
    """Whether the stream is open; what the program has written to its log so far stays to be read."""
    try:
        readable, _, _ = select.select([sock], [], [], 0)
        return not readable or sock.recv(1, socket.MSG_PEEK) != b""
    except (OSError, ValueError):
        return False


def _end(containers: list[Container]) -> None:
    if containers:
        with ThreadPoolExecutor(8) as workers:
            list(workers.map(lambda container: container.end(), containers))
