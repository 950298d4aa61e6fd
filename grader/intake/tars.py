"""A strict reader of tar files (ustar, GNU long names, pax), plain or gzipped, as a stream of counted bytes.

Written out rather than left to `tarfile`, which follows links, reads headers of any length into memory, calls itself
once for every stacked long name and, before its 2025 fixes, could be led outside the target folder or into an endless
loop. This reader knows plain files and folders; whatever else an entry claims to be is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from grader.errors import SubmissionRejected
from grader.intake.collect import (
    LEAVE_OUT,
    Collector,
    ignored,
    megabytes,
    refuse_link,
    refuse_mode,
    reject,
    safe_parts,
    slices,
)

_BLOCK = 512
_CHUNK = 1 << 16
_MAX_HEADER = 1 << 16
_MAX_STACKED = 4
_MAX_RECORDS = 64
_MAX_MEMBERS = 16
_AGAIN = "Make the archive again and check that the upload was complete."
_FILES, _FOLDER = (b"0", b"\0", b"7"), b"5"
_LINKS, _DEVICES = (b"1", b"2"), (b"3", b"4", b"6")
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _SPARSE = b"L", b"K", b"x", b"g", b"S"


@dataclass
class _Header:
    name: str
    kind: bytes
    size: int
    mode: int


class _Stream:
    """The unpacked bytes of a tar, with a ceiling: a gzip bomb is refused as soon as it passes it."""

    def __init__(self, chunks: Iterator[bytes], ceiling: int) -> None:
        self._chunks = chunks
        self._ceiling = ceiling
        self._given = 0
        self._buffer = b""

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes in pieces; SubmissionRejected when the stream ends before."""
        while size:
            if not self._buffer and not self._fill():
                _damaged("it ends early")
            piece, self._buffer = self._buffer[:size], self._buffer[size:]
            size -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """Everything that is left."""
        while self._buffer or self._fill():
            piece, self._buffer = self._buffer, b""
            yield piece

    def _fill(self) -> bool:
        self._buffer = next(self._chunks, b"")
        self._given += len(self._buffer)
        if self._given > self._ceiling:
            message = f"Unpacked, the archive is larger than {megabytes(self._ceiling)}."
            reject(message, fix=LEAVE_OUT)
        return bool(self._buffer)

    def read(self, size: int) -> bytes:
        return b"".join(self.pieces(size))

    def skip(self, size: int) -> None:
        for _ in self.pieces(size):
            pass


def read_tar(data: bytes, into: Collector) -> None:
    """Put every entry of a plain or gzipped tar through `into`. Raises SubmissionRejected, and no other error."""
    view = memoryview(data)
    chunks = _gunzip(view) if data.startswith(b"\x1f\x8b") else iter(slices(view, _CHUNK))
    stream = _Stream(chunks, into.limits.max_container)
    try:
        while (header := _next(stream, into)) is not None:
            _take(header, stream, into)
        if any(piece.strip(b"\0") for piece in stream.rest()):
            _damaged("something follows its end")
    except zlib.error as error:
        raise SubmissionRejected("The tar.gz file is damaged.", fix=_AGAIN) from error


def _damaged(why: str, where: str = "") -> NoReturn:
    reject(f"The tar file is damaged or was tampered with: {why}.", where=where, fix=_AGAIN)


def _gunzip(data: memoryview) -> Iterator[bytes]:
    at = 0
    for _ in range(_MAX_MEMBERS):
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not stream.eof:
            packed = stream.unconsumed_tail
            if not packed:
                packed = bytes(data[at : at + _CHUNK])
                at += len(packed)
            chunk = stream.decompress(packed, _CHUNK)
            if chunk:
                yield chunk
            elif not packed and not stream.eof:
                raise zlib.error("the packed data ends early")
        at -= len(stream.unused_data)
        if not bytes(data[at:]).strip(b"\0"):
            return
    _damaged("it is made of too many parts")


def _next(stream: _Stream, into: Collector) -> _Header | None:
    """The header of the next file or folder, with the long name that stands before it, or None at the end."""
    name, size = None, None
    for _ in range(_MAX_STACKED + 1):
        block = stream.read(_BLOCK)
        if not block.strip(b"\0"):
            return None
        into.count()
        header = _header(block)
        if header.kind in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
            text = _extension(stream, header.size)
            if header.kind == _LONG_NAME:
                name = _decode(text.rstrip(b"\0"))
            elif header.kind in (_PAX, _PAX_GLOBAL):
                fields = _pax(text, is_global=header.kind == _PAX_GLOBAL)
                name, size = fields.get("path", name), fields.get("size", size)
            continue
        header.name = name if name is not None else header.name
        header.size = _decimal(size) if size is not None else header.size
        return header
    _damaged("too many headers stand before one file")


def _header(block: bytes) -> _Header:
    if _octal(block[148:156]) != sum(block[:148]) + sum(block[156:]) + 8 * 32:
        _damaged("a header's checksum is wrong")
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
        name = prefix + b"/" + name
    return _Header(_decode(name), block[156:157], _octal(block[124:136]), _octal(block[100:108]))


def _octal(field: bytes) -> int:
    """A number of a header: octal text, or GNU's base 256 when the first bit is set; a negative one is refused."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if not all(0x30 <= digit <= 0x37 for digit in text):
        _damaged("a header holds something that is not a number")
    return int(text or b"0", 8)


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        _damaged("a size is not a number")
    return int(text)


def _decode(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        reject("A file name is not valid UTF-8.", where=name.decode("latin-1"), fix="Rename it.")


def _extension(stream: _Stream, size: int) -> bytes:
    if size > _MAX_HEADER:
        _damaged("a header is far too long")
    text = stream.read(size)
    stream.skip(-size % _BLOCK)
    return text


def _pax(text: bytes, *, is_global: bool) -> dict[str, str]:
    """The fields of a pax header that matter (`path`, `size`): each record is `length key=value` and a line end."""
    fields: dict[str, str] = {}
    text = text.rstrip(b"\0")
    at = 0
    for _ in range(_MAX_RECORDS):
        if at >= len(text):
            return fields
        digits = text[at : at + 8].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = text[at : at + length]
        key, found, value = record[len(digits) + 1 : -1].partition(b"=")
        if not (found and len(record) == length and record.endswith(b"\n")):
            _damaged("a pax header cannot be read")
        if key.startswith(b"GNU.sparse"):
            _refuse_sparse()
        if key in (b"path", b"size"):
            if is_global:
                _damaged("one header names all files")
            fields[key.decode()] = _decode(value)
        at += length
    _damaged("a pax header holds too much")


def _refuse_sparse() -> NoReturn:
    reject("The tar file stores files with holes (sparse).", fix="Make the archive again without --sparse.")


def _take(header: _Header, stream: _Stream, into: Collector) -> None:
    parts = safe_parts(header.name)
    padding = -header.size % _BLOCK
    is_folder = header.kind == _FOLDER or (header.kind == b"\0" and header.name.endswith("/"))
    has_content = header.kind not in (_FOLDER, *_LINKS, *_DEVICES)
    if ignored(parts):
        stream.skip(header.size + padding if has_content else 0)
        return
    if header.kind in _LINKS:
        refuse_link(header.name)
    if header.kind == _SPARSE:
        _refuse_sparse()
    if header.kind not in (*_FILES, _FOLDER):
        fix = "Put plain files and folders in the archive."
        reject("A device, pipe or other special entry is not a file that can be handed in.", where=header.name, fix=fix)
    refuse_mode(header.mode, header.name, is_folder=is_folder)
    path = into.path(header.name) or ""
    if is_folder:
        if header.size:
            _damaged("a folder has content", header.name)
        into.folder(path)
        return
    into.room_for(path, header.size)
    into.file(path, stream.pieces(header.size))
    stream.skip(padding)
