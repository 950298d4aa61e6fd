"""A strict reader of zip files held in memory.

Written out rather than left to `zipfile`, which allocates an object for every listed entry before anything can be
counted, cuts entries at their declared size, lets entries overlap and reads each name only as the directory spells it.
Here the two records of each entry must agree, entries may not overlap, and bytes are counted as they are inflated.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from grader.errors import SubmissionRejected
from grader.intake.collect import Collector, refuse_link, refuse_mode, reject, slices

_CHUNK = 1 << 16
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_ENCRYPTED, _SIZES_LATER, _STRONG, _UTF8, _MASKED = 0x1, 0x8, 0x40, 0x800, 0x2000
_PATCH = 0x20
_STORED, _DEFLATED = 0, 8
_UNIX, _MACOS = 3, 19
_REPARSE_POINT = 0x400
_MAX_COMMENT = 4096


@dataclass(frozen=True)
class _Entry:
    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    system: int
    attributes: int
    offset: int

    @property
    def text(self) -> str:
        """The name; macOS writes UTF-8 without saying so, and cp437 can decode anything."""
        try:
            return self.name.decode()
        except UnicodeDecodeError:
            if self.flags & _UTF8:
                reject("A file name is not valid UTF-8.", where=self.name.decode("latin-1"), fix="Rename it.")
            return self.name.decode("cp437")


def read_zip(data: bytes, into: Collector) -> None:
    """Put every entry of a zip through `into`. Raises SubmissionRejected, and no other error whatever the bytes."""
    try:
        start, end, declared = _directory_bounds(data)
        into.expect(declared)
        entries = list(_entries(data, start, end, into))
        if len(entries) != declared:
            _damaged("its directory lists a different number of files than it says")
        bodies = _bodies(data, entries, start)
        for entry, (begin, finish) in zip(entries, bodies, strict=True):
            _take(entry, memoryview(data)[begin:finish], into)
    except (struct.error, zlib.error, IndexError) as error:
        raise SubmissionRejected(_DAMAGED, fix=_AGAIN) from error


_DAMAGED = "The zip file is damaged."
_AGAIN = "Make the archive again and check that the upload was complete."


def _damaged(why: str, where: str = "") -> NoReturn:
    reject(f"The zip file is damaged or was tampered with: {why}.", where=where, fix=_AGAIN)


def _directory_bounds(data: bytes) -> tuple[int, int, int]:
    """Start and end of the central directory, and how many entries the end record says it has."""
    at = len(data) - 22
    if not (data.startswith(_END, max(at, 0)) and data.endswith(b"\0\0")):
        at = data.rfind(_END, max(0, len(data) - 22 - 0xFFFF))
    if at < 0:
        _damaged("its end is missing")
    disk, first_disk, here, count, size, offset, comment = struct.unpack_from("<4H2IH", data, at + 4)
    if at + 22 + comment != len(data) or comment > _MAX_COMMENT:
        _damaged("something follows its end")
    if data.startswith(_LOCATOR64, max(at - 20, 0)):
        at, disk, first_disk, here, count, size, offset = _end64(data, at - 20)
    if disk or first_disk or here != count:
        reject("A zip in several parts cannot be used.", fix="Make a single zip file.")
    if offset + size != at:
        _damaged("its directory is not where it should be")
    return offset, at, count


def _end64(data: bytes, locator: int) -> tuple[int, ...]:
    at = int(struct.unpack_from("<Q", data, locator + 8)[0])
    if at + 56 != locator or not data.startswith(_END64, at):
        _damaged("its zip64 end record is not where it should be")
    return (at, *struct.unpack_from("<2I4Q", data, at + 16))


def _entries(data: bytes, at: int, end: int, into: Collector) -> Iterator[_Entry]:
    while at < end:
        if not data.startswith(_CENTRAL, at):
            _damaged("its directory cannot be read")
        into.count()
        system, flags, method = struct.unpack_from("<xB2x2H", data, at + 4)
        crc, packed, size, name_len, extra_len, comment_len = struct.unpack_from("<3I3H", data, at + 16)
        attributes, offset = struct.unpack_from("<2I", data, at + 38)
        name = data[at + 46 : at + 46 + name_len]
        extra = data[at + 46 + name_len : at + 46 + name_len + extra_len]
        size, packed, offset = _wide(extra, size, packed, offset)
        at += 46 + name_len + extra_len + comment_len
        yield _Entry(name, flags, method, crc, packed, size, system, attributes, offset)
    if at != end:
        _damaged("its directory cannot be read")


def _wide(extra: bytes, *fields: int) -> list[int]:
    """Replace fields that say 0xFFFFFFFF by their 64-bit values from the zip64 extra field."""
    found, at = b"", 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            found = extra[at + 4 : at + 4 + length]
        at += 4 + length
    wide, used = [], 0
    for value in fields:
        if value == 0xFFFFFFFF:
            wide.append(int(struct.unpack_from("<Q", found, used)[0]))
            used += 8
        else:
            wide.append(value)
    return wide


def _bodies(data: bytes, entries: list[_Entry], end: int) -> list[tuple[int, int]]:
    """Where each entry's packed bytes lie, after checking its local header and that no two entries share bytes."""
    bodies = [_body(data, entry, end) for entry in entries]
    last = 0
    for entry, (_, finish) in sorted(zip(entries, bodies, strict=True), key=lambda pair: pair[0].offset):
        if entry.offset < last:
            _damaged("its files overlap", entry.text)
        last = finish
    return bodies


def _body(data: bytes, entry: _Entry, end: int) -> tuple[int, int]:
    at = entry.offset
    if at + 30 > end or not data.startswith(_LOCAL, at):
        _damaged("a file is not where the directory says", entry.text)
    flags, method = struct.unpack_from("<2H", data, at + 6)
    crc, packed, size, name_len, extra_len = struct.unpack_from("<3I2H", data, at + 14)
    name = data[at + 30 : at + 30 + name_len]
    begin = at + 30 + name_len + extra_len
    agreed = _ENCRYPTED | _STRONG | _MASKED | _UTF8
    if (name, method, flags & agreed) != (entry.name, entry.method, entry.flags & agreed):
        _damaged("a file has two different names or kinds", entry.text)
    if not flags & _SIZES_LATER:
        size, packed = _wide(data[at + 30 + name_len : begin], size, packed)
        if (crc, packed, size) != (entry.crc, entry.packed, entry.size):
            _damaged("a file has two different sizes", entry.text)
    if begin + entry.packed > end:
        _damaged("a file is cut short", entry.text)
    return begin, begin + entry.packed


def _take(entry: _Entry, body: memoryview, into: Collector) -> None:
    path = into.path(entry.text)
    if path is None:
        return
    mode = entry.attributes >> 16
    is_folder = entry.name.endswith(b"/") or mode & 0o170000 == 0o040000
    refuse_mode(mode, entry.text, is_folder=is_folder)
    if entry.system not in (_UNIX, _MACOS) and entry.attributes & _REPARSE_POINT:
        refuse_link(entry.text)
    if entry.flags & (_ENCRYPTED | _STRONG | _MASKED):
        reject("The zip file is encrypted.", where=entry.text, fix="Make the archive again without a password.")
    if entry.flags & _PATCH or entry.method not in (_STORED, _DEFLATED):
        fix = "Make the archive again with ordinary compression (Deflate)."
        reject("The zip file uses a kind of compression that is not supported.", where=entry.text, fix=fix)
    if is_folder:
        if entry.size:
            _damaged("a folder has content", entry.text)
        into.folder(path)
    else:
        into.room_for(path, entry.size)
        into.file(path, _inflated(entry, body))


def _inflated(entry: _Entry, body: memoryview) -> Iterator[bytes]:
    """The content in pieces; the size and checksum that the directory gives must come true at its end."""
    crc = size = 0
    for chunk in _inflate(body) if entry.method == _DEFLATED else slices(body):
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        yield chunk
    if (crc, size) != (entry.crc, entry.size):
        _damaged("a file is not what the directory says", entry.text)


def _inflate(body: memoryview) -> Iterator[bytes]:
    stream, at = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while not stream.eof:
        packed = stream.unconsumed_tail
        if not packed:
            packed = bytes(body[at : at + _CHUNK])
            at += len(packed)
        chunk = stream.decompress(packed, _CHUNK)
        if chunk:
            yield chunk
        elif not packed and not stream.eof:
            raise zlib.error("the packed data ends early")
    if at - len(stream.unused_data) != len(body):
        raise zlib.error("something follows the packed data")
