"""Frames on a byte stream: what broker, examiner and candidate say to each other. Standard library only.

A frame is `u32 length | u32 tag | payload` (big-endian). To and from the candidate the tag is a nonce that the broker
draws for each request: the one frame that may come back carries the same nonce. To and from the examiner the tag is a
`Kind`. A message between examiner and candidate is `u32 size | JSON | buffers`, which the broker never opens.
"""

from __future__ import annotations

import enum
import importlib
import json
import os
import select
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEAD = struct.Struct(">II")
SIZE = struct.Struct(">I")

MAX_FRAME = 256 * 1024 * 1024
"""Largest frame in bytes, buffers included."""
MAX_HEADER = 32 * 1024 * 1024
"""Largest JSON part of a message in bytes."""
MAX_BRACKETS = 2_000_000
"""Most opening brackets in a JSON part: each costs the reader far more memory than it costs the writer."""


class Kind(enum.IntEnum):
    """What a frame on the examiner's stream is."""

    # broker to examiner
    EXAM = 1  # JSON: the job; then files
    ANSWER = 2  # the candidate's reply, opaque
    GONE = 3  # JSON {"reason", "detail"}: the candidate ended instead of replying
    READY = 4  # a fresh candidate is there
    # examiner to broker
    CALL = 16  # u32 milliseconds, then a message for the candidate
    RESTART = 17  # end this candidate, give me a fresh one
    MANIFEST = 18  # JSON: the tests there are
    STARTED = 19  # JSON {"id"}: this test begins
    VERDICT = 20  # JSON: one test's verdict
    DONE = 21  # JSON: the exam is over
    EXECUTED = 22  # JSON {"status", "failed", "message", "cells": [{"count", "outputs"}]}: the notebook was executed


class ProtocolError(Exception):
    """Raised when bytes from the other side are not what the protocol allows."""


def preload(source: int) -> None:
    """Import what the image names, one module after the other, as long as nothing has come in on `source`.

    A process that was started ahead of need has everything; one that is needed at once imports what its work imports.
    """
    for name in filter(None, os.environ.get("GRADER_PRELOAD", "").split(",")):
        if select.select([source], [], [], 0)[0]:
            return
        importlib.import_module(name)


def write_all(fd: int, *parts: bytes) -> None:
    """Write every byte of `parts` to `fd`."""
    view = memoryview(b"".join(parts) if len(parts) > 1 else parts[0])
    while view:
        view = view[os.write(fd, view) :]


def read_exactly(fd: int, size: int) -> bytes:
    """Read `size` bytes from `fd`. Raises EOFError when the stream ends first."""
    first = os.read(fd, min(size, 1 << 20)) if size else b""
    if len(first) == size:
        return first
    data = bytearray(first)
    while len(data) < size:
        chunk = os.read(fd, min(size - len(data), 1 << 20)) if first else b""
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def write_frame(fd: int, tag: int, payload: bytes) -> None:
    """Write one frame. Raises ProtocolError when the payload is larger than `MAX_FRAME`."""
    if len(payload) > MAX_FRAME:
        raise ProtocolError(f"a frame of {len(payload)} bytes is over the limit of {MAX_FRAME}")
    write_all(fd, HEAD.pack(len(payload), tag), payload)


def read_frame(fd: int) -> tuple[int, bytes]:
    """Read one frame as (tag, payload). Raises EOFError at the end, ProtocolError when it is too large."""
    size, tag = HEAD.unpack(read_exactly(fd, HEAD.size))
    if size > MAX_FRAME:
        raise ProtocolError(f"a frame of {size} bytes is over the limit of {MAX_FRAME}")
    return tag, read_exactly(fd, size)


def pack(head: Mapping[str, Any], buffers: list[bytes]) -> bytes:
    """A message: the JSON object `head`, then raw `buffers`, whose sizes it lists under "b"."""
    if buffers:
        head = {**head, "b": [len(b) for b in buffers]}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join([SIZE.pack(len(text)), text, *buffers])


def unpack(payload: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """The JSON object and the buffers of a message. Raises ProtocolError for anything else; sizes are checked first."""
    if len(payload) < SIZE.size:
        raise ProtocolError("a message without a header")
    (size,) = SIZE.unpack_from(payload)
    start = SIZE.size + size
    if size > MAX_HEADER or start > len(payload):
        raise ProtocolError(f"a message header of {size} bytes")
    text = payload[SIZE.size : start]
    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:
        raise ProtocolError("a message with too many parts")
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a message that is not JSON: {type(error).__name__}") from None
    if type(head) is not dict:
        raise ProtocolError("a message that is not an object")
    return head, _split(memoryview(payload)[start:], head.get("b", []))


def _split(rest: memoryview, sizes: object) -> list[memoryview]:
    if type(sizes) is not list or any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != len(rest):
        raise ProtocolError("buffer sizes do not add up")
    buffers, at = [], 0
    for n in sizes:
        buffers.append(rest[at : at + n])
        at += n
    return buffers


def pack_files(head: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A message that carries `files` (relative posix path to content) beside `head`."""
    return pack({**head, "files": list(files)}, list(files.values()))


def unpack_files(payload: bytes, folder: Path) -> dict[str, Any]:
    """Write the files of `pack_files` below `folder` and return the head."""
    head, buffers = unpack(payload)
    for name, content in zip(head["files"], buffers, strict=True):
        path = folder / name
        if ".." in path.parts or not path.is_relative_to(folder):
            raise ProtocolError(f"a path outside the folder: {name!r}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return head
