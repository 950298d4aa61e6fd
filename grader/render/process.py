"""Pages are made in a process of their own, which hostile text may keep busy or fill up without harm.

Loading nbconvert takes half a second, so a worker keeps one such process standing by: it is used once, by the worker or
a fork of it, and the worker starts the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys

from grader.errors import RenderError
from grader.render.page import notebook_html

SECONDS = 30
MEMORY = 2 * 1024**3
_KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH")
_GOOD, _BAD = b"+", b"-"
_SAMPLE = json.dumps({
    "cells": [
        {"cell_type": "code", "source": "print(1)", "outputs": [{"output_type": "stream", "text": "1"}]},
        {"cell_type": "markdown", "source": "# `a` *b* $c$"},
    ]
}).encode()  # fmt: skip
"""Makes a renderer load whatever a page takes."""

Renderer = subprocess.Popen[bytes]


class Standby:
    """At most one renderer that waits for work. Not for several threads."""

    def __init__(self) -> None:
        self._waiting: Renderer | None = None

    def prepare(self) -> None:
        """Have one wait. Quick: it loads by itself."""
        if self._waiting is None or self._waiting.poll() is not None:
            self.close()
            self._waiting = _start()

    def take(self) -> Renderer:
        """The one that waits, or a new one. In a fork the other side keeps its own: only one of them may take it."""
        waiting, self._waiting = self._waiting, None
        return waiting or _start()

    def close(self) -> None:
        """End the one that waits."""
        if self._waiting is not None:
            _end(self._waiting)
            self._waiting = None


STANDBY = Standby()


def render(executed: bytes, *, title: str, seconds: float = SECONDS) -> bytes:
    """`notebook_html` in another process. `seconds` is the wall time it gets; its memory is bounded, too.

    Raises RenderError.
    """
    renderer = STANDBY.take()
    token = secrets.token_hex(16)
    try:
        head = json.dumps([token, title, len(executed)]).encode()
        said, _ = renderer.communicate(head + b"\n" + executed, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"the notebook could not be shown within {seconds:g} seconds") from error
    finally:
        _end(renderer)
    kind, answer = said[:33].removeprefix(token.encode()), said[33:]  # never what was made for somebody else
    if kind != _GOOD:
        why = answer.decode(errors="replace") if kind == _BAD else ""
        raise RenderError(why or "the renderer ended without an answer")
    return answer


def _start() -> Renderer:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    command = [sys.executable, "-m", "grader.render"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept)


def _end(renderer: Renderer) -> None:
    """Kill and reap; in a fork, where it is nobody's child, kill only (Popen would take it for ended)."""
    if renderer.returncode is None or renderer.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(renderer.pid, signal.SIGKILL)
    for pipe in (renderer.stdin, renderer.stdout):
        if pipe is not None:
            pipe.close()
    renderer.wait()


def main() -> int:
    """Make a page of nothing, which loads what takes long, then answer one request on stdin.

    That is a line `[token, title, size]` and the notebook; the answer is the token, and `+` and the page, or `-` and
    why there is none.
    """
    import resource

    notebook_html(_SAMPLE, title="")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    head = sys.stdin.buffer.readline()
    if not head:
        return 0
    token, title, size = json.loads(head)
    try:
        answer = _GOOD + notebook_html(sys.stdin.buffer.read(size), title=title)
    except (RenderError, MemoryError) as error:
        answer = _BAD + (str(error) or type(error).__name__).encode()
    sys.stdout.buffer.write(token.encode() + answer)
    return 0
