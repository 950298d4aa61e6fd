"""Builds zips whose every field can lie, and reads zips as the tests expect them to be read or refused."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass

import pytest

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, read_archive

SOLUTION = b"def predict(xs):\n    return []\n"
MIB = 1 << 20


@dataclass
class Raw:
    """One zip entry of which every field can lie; None means the truth."""

    name: bytes = b"solution.py"
    content: bytes = SOLUTION
    method: int = 8
    flags: int = 0
    attributes: int = 0
    system: int = 3
    packed: bytes | None = None
    packed_size: int | None = None
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_size: int | None = None
    offset: int | None = None
    extra: bytes = b""

    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        return engine.compress(self.content) + engine.flush()


def raw_zip(*entries: Raw, count: int | None = None, comment: bytes = b"", before: bytes = b"", disk: int = 0) -> bytes:
    out, central = bytearray(before), bytearray()
    for e in entries:
        at, body = len(out), e.body()
        size = len(e.content) if e.size is None else e.size
        crc = zlib.crc32(e.content) if e.crc is None else e.crc
        name = e.name if e.local_name is None else e.local_name
        method = e.method if e.local_method is None else e.local_method
        flags = e.flags if e.local_flags is None else e.local_flags
        packed = len(body) if e.packed_size is None else e.packed_size
        local_size = size if e.local_size is None else e.local_size
        out += b"PK\x03\x04" + struct.pack("<5H3I2H", 20, flags, method, 0, 33, crc, packed, local_size, len(name), 0)
        out += name + body
        central += b"PK\x01\x02" + struct.pack("<BB5H3I", 20, e.system, 20, e.flags, e.method, 0, 33, crc, packed, size)
        offset = at if e.offset is None else e.offset
        central += struct.pack("<5H2I", len(e.name), len(e.extra), 0, 0, 0, e.attributes, offset) + e.name + e.extra
    start, number = len(out), len(entries) if count is None else count
    end = struct.pack("<4H2IH", disk, disk, number, number, len(central), start, len(comment))
    return bytes(out + central + b"PK\x05\x06" + end + comment)


def refusal(data: bytes, limits: IntakeLimits | None = None) -> SubmissionRejected:
    """The refusal of a zip, which must take less than two seconds of work."""
    begin = time.process_time()
    with pytest.raises(SubmissionRejected) as caught:
        read_archive(data, "work.zip", limits)
    assert time.process_time() - begin < 2
    assert caught.value.where.startswith("work.zip")
    assert caught.value.fix
    return caught.value


def files(data: bytes, limits: IntakeLimits | None = None) -> dict[str, bytes]:
    return read_archive(data, "work.zip", limits).files


def made(names: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()
