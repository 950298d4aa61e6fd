"""The candidate's standard streams: what the student prints is kept for the test and logged; input comes from the test.

Standard library only.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
from collections.abc import Callable
from typing import Any

MAX_KEPT = 1_000_000
"""Most characters kept for one reply, and most bytes logged between two replies."""
CUT = "\n[output cut here: too much of it]\n"


class Output(io.TextIOBase):
    """A text stream whose text travels with the next reply and goes to the log (descriptor 2) at once."""

    encoding = "utf-8"
    errors = "backslashreplace"
    mode = "w"

    def __init__(self, number: int, kept: Kept) -> None:
        self.number = number
        self.name = {1: "<stdout>", 2: "<stderr>"}[number]
        self.buffer = OutputBytes(self)
        self._kept = kept

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        text = str.__str__(text)
        self._kept.add(self.number, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.number

    def isatty(self) -> bool:
        return False

    def reconfigure(self, **_: Any) -> None:
        return None


class OutputBytes(io.RawIOBase):
    """The binary side of `Output`, for `sys.stdout.buffer.write`."""

    def __init__(self, text: Output) -> None:
        self._text = text

    def write(self, data: Any) -> int:
        data = bytes(data)
        self._text.write(data.decode("utf-8", "backslashreplace"))
        return len(data)

    def writable(self) -> bool:
        return True


class Kept:
    """What was printed since the last reply, in order, cut at `MAX_KEPT`."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, str]] = []
        self._size = 0

    def add(self, number: int, text: str) -> None:
        if self._size > MAX_KEPT:
            return
        self._size += len(text)
        if self._size > MAX_KEPT:
            text = text[: MAX_KEPT // 2] + CUT
        self._parts.append((number, text))
        try:
            os.write(2, text.encode("utf-8", "backslashreplace"))
        except OSError:
            return  # the student closed the log; the test still gets the text

    def take(self) -> list[Any]:
        """The parts as `[stream, text]`, adjacent ones of a stream joined."""
        parts, self._parts, self._size = self._parts, [], 0
        joined: list[Any] = []
        for number, text in parts:
            if joined and joined[-1][0] == number:
                joined[-1][1].append(text)
            else:
                joined.append([number, [text]])
        return [[n, "".join(t).encode("utf-8", "backslashreplace").decode()] for n, t in joined]


class Input(io.TextIOBase):
    """Standard input whose lines the test provides: `ask(what, argument)` returns the answer or raises."""

    encoding = "utf-8"
    errors = "strict"
    mode = "r"
    name = "<stdin>"

    def __init__(self, ask: Callable[[str, Any], Any]) -> None:
        self._ask = ask

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        return str(self._ask("readline", size))

    def read(self, size: int | None = -1, /) -> str:
        return str(self._ask("read", size))

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def fileno(self) -> int:
        raise io.UnsupportedOperation("the test's input has no descriptor")

    def isatty(self) -> bool:
        return False


def install(ask: Callable[[str, Any], Any]) -> Kept:
    """Replace the standard streams and `input` of this process."""
    kept = Kept()
    sys.stdout = sys.__stdout__ = Output(1, kept)  # type: ignore[assignment,misc]
    sys.stderr = sys.__stderr__ = Output(2, kept)  # type: ignore[assignment,misc]
    sys.stdin = sys.__stdin__ = Input(ask)  # type: ignore[assignment,misc]

    def input(prompt: object = "", /) -> str:
        return str(ask("input", str(prompt)))

    builtins.input = input
    return kept
