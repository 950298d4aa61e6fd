"""A container's attached stream as frames: standard output carries them, standard error is a log."""

from __future__ import annotations

import socket
import struct

from grader.exam import protocol
from grader.exam.protocol import HEAD
from grader.sandbox import Container

DOCKER = struct.Struct(">BxxxI")
"""Header of a piece of a container's output: stream (1 stdout, 2 stderr), size."""
MAX_LOG = 1_000_000
"""Most bytes of a container's standard error that are kept."""


class Gone(Exception):
    """Raised when a container's stream ends, or is no longer to be trusted. `reason` is a test status."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(detail)


class Stream:
    """A container's attached socket: frames in and out, standard error aside. Never blocks but in `wait`."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.socket: socket.socket = container.socket
        self.socket.setblocking(False)
        self.log = bytearray()
        self.received = 0
        self.ended = False
        self._raw = bytearray()
        self._frames = bytearray()
        self._piece: tuple[int, int] = (0, 0)
        self._out: list[memoryview] = []

    def put(self, tag: int, payload: bytes) -> None:
        """Queue a frame."""
        self._out += [memoryview(HEAD.pack(len(payload), tag)), memoryview(payload)]

    def wants_write(self) -> bool:
        return bool(self._out) and not self.ended

    def write(self) -> None:
        try:
            while self._out:
                sent = self.socket.send(self._out[0][: 1 << 18])
                if sent == len(self._out[0]):
                    self._out.pop(0)
                else:
                    self._out[0] = self._out[0][sent:]
        except BlockingIOError:
            return
        except OSError:
            self._out.clear()  # the reading side tells why it ended

    def read(self) -> None:
        """Take what is there: frames from stdout, the log from stderr."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return
        self.received += len(data)
        self._raw += data
        self._split()

    def _split(self) -> None:
        at, raw = 0, self._raw
        stream, left = self._piece
        while True:
            if left == 0:
                if len(raw) - at < DOCKER.size:
                    break
                stream, left = DOCKER.unpack_from(raw, at)
                at += DOCKER.size
                continue
            take = min(left, len(raw) - at)
            if take == 0:
                break
            if stream == 1:
                self._frames += memoryview(raw)[at : at + take]
            elif len(self.log) < MAX_LOG:
                self.log += memoryview(raw)[at : at + min(take, MAX_LOG - len(self.log))]
            at += take
            left -= take
        self._piece = (stream, left)
        del raw[:at]

    def pending(self) -> bool:
        """Whether any byte of a frame has arrived that nobody asked for yet."""
        return bool(self._frames)

    def frame(self) -> tuple[int, bytes] | None:
        """The next whole frame as (tag, payload), or None. Raises Gone when it is larger than any may be."""
        if len(self._frames) < HEAD.size:
            return None
        size, tag = HEAD.unpack_from(self._frames)
        if size > protocol.MAX_FRAME:
            raise Gone("crashed", f"an answer of {size} bytes is larger than the {protocol.MAX_FRAME} allowed")
        end = HEAD.size + size
        if len(self._frames) < end:
            return None
        payload = bytes(memoryview(self._frames)[HEAD.size : end])
        del self._frames[:end]
        return tag, payload
