from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace
from functools import cache

import pytest
from rawzip import MIB, SOLUTION, Raw, files, made, raw_zip, refusal

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, read_archive

# Bombs


def test_a_bomb_that_declares_its_size_is_refused() -> None:
    assert "larger than 20 MiB" in str(refusal(raw_zip(Raw(name=b"data.bin", content=bytes(64 * MIB)))))


@pytest.mark.parametrize("flags", [0, 8])
@pytest.mark.parametrize("declared", [10, 0])
def test_a_bomb_that_lies_about_its_size_is_refused_by_counting(declared: int, flags: int) -> None:
    bomb = Raw(name=b"data.bin", content=bytes(64 * MIB), size=declared, flags=flags)
    assert "larger than 20 MiB" in str(refusal(raw_zip(Raw(), bomb)))


def test_a_bomb_whose_two_sizes_differ_is_refused() -> None:
    bomb = Raw(content=bytes(64 * MIB), size=10, local_size=64 * MIB)
    assert "two different sizes" in str(refusal(raw_zip(bomb)))


def test_a_bomb_in_many_files_is_refused_by_their_sum() -> None:
    parts = [Raw(name=b"%d" % n, content=bytes(MIB), size=None) for n in range(51)]
    assert "larger than 50 MiB" in str(refusal(raw_zip(*parts)))
    assert len(files(raw_zip(*parts[:50]))) == 50


def test_the_limits_are_exact() -> None:
    limits = IntakeLimits(max_bytes=30, max_file=20, max_entries=2)
    entries = [Raw(name=b"a", content=b"x" * 20), Raw(name=b"b", content=b"x" * 10)]
    assert len(files(raw_zip(*entries), limits)) == 2
    assert "A file is larger" in str(refusal(raw_zip(*entries), replace(limits, max_file=19)))
    assert "Unpacked" in str(refusal(raw_zip(*entries), replace(limits, max_bytes=29)))
    assert "more than 1 files" in str(refusal(raw_zip(*entries), replace(limits, max_entries=1)))


def test_overlapping_entries_that_share_one_kernel_are_refused() -> None:
    kernel = Raw(name=b"a", content=bytes(MIB))
    shared = [Raw(name=b"a", content=bytes(MIB), offset=0) for _ in range(3)]
    assert "overlap" in str(refusal(raw_zip(kernel, *shared)))


def test_an_entry_quoted_inside_another_is_refused() -> None:
    inner = raw_zip(Raw(name=b"in"))[: -22 - 46 - 2]
    outer = Raw(name=b"out", content=inner, method=0)
    quoted = Raw(name=b"in", offset=30 + 3)
    assert "overlap" in str(refusal(raw_zip(outer, quoted)))


def test_an_archive_inside_that_is_a_bomb_is_refused() -> None:
    inner = made({"data.bin": bytes(64 * MIB)})
    assert "bomb" in str(refusal(made({"solution.py": SOLUTION, "0.zip": inner}, zipfile.ZIP_STORED)))


@cache
def many() -> bytes:
    return made({f"f/{n}": b"" for n in range(50_000)})


def test_many_entries_are_refused_by_the_end_record_before_anything_is_read() -> None:
    data = many()
    broken = bytearray(data)
    start = struct.unpack("<I", data[-6:-2])[0]
    broken[start : start + 4] = b"????"  # never looked at
    assert "more than 2000 files" in str(refusal(bytes(broken)))


def test_many_entries_are_refused_while_counting_when_the_end_record_lies() -> None:
    data = bytearray(many())
    struct.pack_into("<2H", data, len(data) - 14, 3, 3)
    assert "more than 2000 files" in str(refusal(bytes(data)))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (b".git/" + b"d/" * 32_000, "longer"),
        (b".git/" + b"d/" * 500, "more than 2000"),
        (b".git/" + b"\xcc\x81\xcc\xa3" * 500, "more than 2000"),
    ],
)
def test_many_long_names_do_not_take_long(name: bytes, word: str) -> None:
    assert word in str(refusal(raw_zip(*[Raw(name=name, content=b"")] * (90_000_000 // 2 // (len(name) + 80)), Raw())))


def test_a_few_more_entries_than_allowed_are_refused() -> None:
    assert "more than 2000 files" in str(refusal(made({f"f/{n}": b"" for n in range(2001)})))
    assert len(files(made({f"f/{n}": b"" for n in range(2000)}))) == 2000


ENGINE = zlib.compressobj(9, zlib.DEFLATED, -15)
TRUNCATED = ENGINE.compress(SOLUTION) + ENGINE.flush(zlib.Z_SYNC_FLUSH)
"""A deflate stream without its end, which gives all of its content before that shows."""
TRUNCATED_CONTENT = SOLUTION


# Records that contradict each other or cannot be used


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (Raw(local_name=b"innocent.py"), "two different names"),
        (Raw(local_method=0), "two different names or kinds"),
        (Raw(local_flags=1), "two different names or kinds"),
        (Raw(crc=1), "not what the directory says"),
        (Raw(size=10), "not what the directory says"),
        (Raw(size=1000), "not what the directory says"),
        (Raw(method=0, size=10), "not what the directory says"),
        (Raw(packed=b"\x03\x00junk", content=b""), "damaged"),
        (Raw(packed=b"", content=b"x"), "damaged"),
        (Raw(packed=b"\xff\xff\xff", content=b"x"), "damaged"),
        (Raw(size=10**9), "larger than 20 MiB"),
        (Raw(packed_size=1000), "cut short"),
        (Raw(packed=TRUNCATED, content=TRUNCATED_CONTENT), "damaged"),
        (Raw(offset=7), "not where the directory says"),
        (Raw(offset=10**9), "not where the directory says"),
        (Raw(flags=1), "encrypted"),
        (Raw(flags=0x41), "encrypted"),
        (Raw(flags=0x2000), "encrypted"),
        (Raw(flags=0x20), "compression"),
        (Raw(method=12), "compression"),
        (Raw(method=14), "compression"),
        (Raw(method=93), "compression"),
        (Raw(method=99), "compression"),
    ],
)
def test_an_entry_that_contradicts_itself_or_is_unusual_is_refused(entry: Raw, word: str) -> None:
    assert word in str(refusal(raw_zip(entry)))


def test_a_real_bzip2_or_lzma_zip_is_refused_with_a_fix() -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "Deflate" in refusal(made({"a.py": SOLUTION * 9}, method)).fix


def test_a_zip_without_files_is_refused() -> None:
    for data in (raw_zip(), raw_zip(Raw(name=b"d/", content=b"")), made({".git/config": b""})):
        assert "no files" in str(refusal(data))


LAST_FIELDS = struct.pack("<5H2I", len(b"solution.py"), 0, 0, 0, 0, 0, 0)
LAST_FIELDS_WITH_COMMENT = struct.pack("<5H2I", len(b"solution.py"), 0, 9, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (raw_zip(Raw(), count=2), "different number"),
        (raw_zip(Raw(), disk=1), "several parts"),
        (raw_zip(Raw())[:-1], "damaged"),
        (raw_zip(Raw()).replace(b"PK\x01\x02", b"PK\x01\x03"), "directory cannot be read"),
        (raw_zip(Raw()).replace(LAST_FIELDS, LAST_FIELDS_WITH_COMMENT), "directory cannot be read"),
        (raw_zip(Raw())[:-22], "its end is missing"),
        (raw_zip(Raw()) + b"x", "something follows"),
        (raw_zip(Raw(), comment=b"x" * 5000), "something follows"),
        (raw_zip(Raw())[5:], "not the archive"),
        (b"#!/bin/sh\n" + raw_zip(Raw()), "not the archive"),
        (raw_zip(Raw())[:40] + raw_zip(Raw()), "directory is not where"),
        (b"PK\x03\x04", "its end is missing"),
        (b"PK\x05\x06", "damaged"),
    ],
)
def test_a_zip_that_is_cut_wrapped_or_patched_is_refused(data: bytes, word: str) -> None:
    assert word in str(refusal(data))


def test_the_upload_itself_is_counted_while_it_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"PK\x03\x04" + bytes(size - 4)

    stream = Endless()
    with pytest.raises(SubmissionRejected, match="larger than 3 MiB"):
        read_archive(stream, "work.zip", IntakeLimits(max_bytes=MIB))  # type: ignore[arg-type]
    assert stream.given <= 4 * MIB
