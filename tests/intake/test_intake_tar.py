from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import time
import zlib
from bz2 import compress as bz2

import pytest

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, read_archive

SOLUTION = b"def predict(xs):\n    return []\n"
MIB = 1 << 20
END = bytes(1024)


def header(
    name: bytes = b"solution.py",
    size: int | bytes = 0,
    kind: bytes = b"0",
    mode: bytes = b"0000644\0",
    prefix: bytes = b"",
) -> bytes:
    """One 512-byte header with a right checksum, whatever its fields say."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = name.ljust(100, b"\0") + mode + b"0000000\0" * 2 + field.ljust(12, b"\0") + b"00000000000\0" + b" " * 8
    block += kind + bytes(100) + b"ustar\x0000" + bytes(64) + bytes(16) + prefix.ljust(155, b"\0") + bytes(12)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def entry(name: bytes, content: bytes = b"", kind: bytes = b"0", **fields: bytes) -> bytes:
    return header(name, len(content), kind, **fields) + content + bytes(-len(content) % 512)


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    body = b""
    for key, value in records:
        rest = b" " + key + b"=" + value + b"\n"
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length += 1
        body += str(length).encode() + rest
    return entry(b"PaxHeader", body, kind)


def refusal(data: bytes, limits: IntakeLimits | None = None) -> SubmissionRejected:
    """The refusal of a tar, which must take less than two seconds of work."""
    begin = time.process_time()
    with pytest.raises(SubmissionRejected) as caught:
        read_archive(data, "work.tar.gz", limits)
    assert time.process_time() - begin < 2
    assert caught.value.fix
    return caught.value


def files(data: bytes, limits: IntakeLimits | None = None) -> dict[str, bytes]:
    return read_archive(data, "work.tar.gz", limits).files


def made(names: dict[str, bytes], mode: str = "w:gz", layout: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=layout) as archive:  # type: ignore[call-overload]
        for name, content in names.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size, info.mtime = len(content), 1.5
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


# What ordinary students hand in


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_an_ordinary_tar_is_read(mode: str, layout: int) -> None:
    content = {"solution.py": SOLUTION, "d/": b"", "d/" + "n" * 120 + "/x": b"1" * 70_000, "empty": b""}
    kept = {name: data for name, data in content.items() if name != "d/"}
    tree = read_archive(made(content, mode, layout), "x.tgz")
    assert (tree.kind, tree.files) == ("repository", dict(sorted(kept.items())))


@pytest.mark.parametrize("layout", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_beyond_ascii_and_a_hundred_characters_are_read(layout: int) -> None:
    name = "é" * 100 + "/donnée.csv"
    assert list(files(made({name: b"1", "a": b""}, layout=layout))) == ["a", name]


def test_the_dot_folder_that_tar_writes_is_no_wrapper() -> None:
    assert list(files(made({"./": b"", "./src/": b"", "./src/a.py": b"", "./b.py": b""}))) == ["b.py", "src/a.py"]


def test_one_wrapping_folder_is_stripped() -> None:
    assert list(files(made({"p/": b"", "p/a.py": b"", "p/d/b.py": b""}))) == ["a.py", "d/b.py"]


def test_the_global_header_that_git_archive_writes_is_passed_over() -> None:
    data = pax((b"comment", b"0" * 40), kind=b"g") + entry(b"a.py", SOLUTION) + END
    assert files(data) == {"a.py": SOLUTION}


def test_links_in_ignored_folders_are_left_out_with_the_rest() -> None:
    data = entry(b".venv/bin/python", kind=b"2") + entry(b"node_modules/x", b"js") + entry(b"a.py", SOLUTION) + END
    assert files(data) == {"a.py": SOLUTION}


def test_a_gzip_in_several_parts_is_read() -> None:
    whole = entry(b"a.py", SOLUTION) + END
    assert files(gzip.compress(whole[:300]) + gzip.compress(whole[300:]) + bytes(512)) == {"a.py": SOLUTION}


def test_a_size_in_base_256_is_read() -> None:
    size = b"\x80" + len(SOLUTION).to_bytes(11, "big")
    assert files(header(b"a.py", size) + SOLUTION.ljust(512, b"\0") + END) == {"a.py": SOLUTION}


def test_an_old_tar_with_a_prefix_and_a_slash_for_folders_is_read() -> None:
    data = (
        entry(b"d/", kind=b"\0") + entry(b"a.py", b"1", kind=b"\0", prefix=b"d/e") + entry(b"b", b"2", kind=b"7") + END
    )
    assert files(data) == {"b": b"2", "d/e/a.py": b"1"}


# Names, links, special entries


@pytest.mark.parametrize(
    "name",
    ["../canary", "/tmp/canary", "a/../../canary", "..", "~/x", "..\\x", "C:/x", "a\nb", "\u202ex", ".git/../../x"],
)
def test_an_unsafe_name_is_refused_however_it_is_written(name: str) -> None:
    raw = name.encode()
    for data in (
        entry(raw, b"x"),
        entry(b"L", raw + b"\0", b"L") + entry(b"ok", b"x"),
        pax((b"path", raw)) + entry(b"ok", b"x"),
    ):
        assert "unsafe path" in str(refusal(entry(b"solution.py", SOLUTION) + data + END))


def test_an_unsafe_prefix_is_refused() -> None:
    assert "unsafe path" in str(refusal(entry(b"canary", b"x", prefix=b"../..") + END))


@pytest.mark.parametrize(
    ("kind", "word"),
    [(b"1", "Links"), (b"2", "Links"), (b"3", "device"), (b"4", "device"), (b"6", "pipe"), (b"S", "sparse"),
     (b"D", "special"), (b"V", "special"), (b"M", "special"), (b"N", "special"), (b"Z", "special"),
     (b"\xff", "special")],
)  # fmt: skip
def test_links_devices_and_special_entries_are_refused(kind: bytes, word: str) -> None:
    assert word in str(refusal(entry(b"solution.py", SOLUTION) + entry(b"x", kind=kind) + END))


def test_a_chain_of_links_as_used_against_the_data_filter_is_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for step in range(12):
            link = tarfile.TarInfo(f"l{step}")
            link.type, link.linkname = tarfile.SYMTYPE, "/".join(["d" * 200] * 3 + [".."] * 4)
            archive.addfile(link)
    assert "Links" in str(refusal(out.getvalue()))


def test_a_long_link_name_before_a_link_is_refused_with_it() -> None:
    assert "Links" in str(refusal(entry(b"K", b"/etc/" + b"x" * 200, b"K") + entry(b"x", kind=b"2") + END))


@pytest.mark.parametrize(
    ("mode", "word"), [(b"0006755\0", "setuid"), (b"0120777\0", "Links"), (b"0020666\0", "device")]
)
def test_special_mode_bits_are_refused(mode: bytes, word: str) -> None:
    assert word in str(refusal(entry(b"x", b"1", mode=mode) + END))


def test_a_setgid_folder_is_fine() -> None:
    assert list(files(entry(b"d", kind=b"5", mode=b"0002775\0") + entry(b"a", b"1") + END)) == ["a"]


def test_sparse_files_described_in_a_pax_header_are_refused() -> None:
    for key in (b"GNU.sparse.major", b"GNU.sparse.map", b"GNU.sparse.realsize"):
        assert "sparse" in str(refusal(pax((key, b"1")) + entry(b"x", b"1") + END))


@pytest.mark.parametrize(
    ("first", "second"), [("a.py", "a.py"), ("a.py", "A.py"), ("a", "a/b"), ("a/b", "a"), ("é", "e\u0301")]
)
def test_names_that_fall_together_are_refused(first: str, second: str) -> None:
    assert "same name" in str(refusal(entry(first.encode(), b"1") + entry(second.encode(), b"2") + END))


def test_a_name_that_is_not_utf8_is_refused() -> None:
    for data in (
        entry(b"a\xff", b""),
        pax((b"path", b"a\xff")) + entry(b"ok"),
        entry(b"L", b"\xff\0", b"L") + entry(b"ok"),
    ):
        assert "UTF-8" in str(refusal(data + END))


# Bombs


def gzip_bomb(mib: int) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(MIB)
    return b"".join(
        [engine.compress(header(b"data.bin", mib * MIB)), *(engine.compress(piece) for _ in range(mib)), engine.flush()]
    )


def test_a_gzip_bomb_is_refused() -> None:
    assert "larger than 20 MiB" in str(refusal(gzip_bomb(128)))


def test_a_gzip_bomb_in_an_ignored_folder_is_refused_at_the_ceiling() -> None:
    bomb = gzip.compress(header(b".venv/x", 128 * MIB) + bytes(128 * MIB), 9)
    assert "larger than 101 MiB" in str(refusal(bomb))


def test_a_gzip_bomb_behind_the_end_is_refused_at_the_ceiling() -> None:
    bomb = gzip.compress(entry(b"a.py", SOLUTION) + END + bytes(128 * MIB), 9)
    assert "larger than 101 MiB" in str(refusal(bomb))


def test_a_gzip_of_very_many_parts_is_refused() -> None:
    assert "too many parts" in str(refusal(gzip.compress(header(b"a", 5)) + gzip.compress(b"") * 500_000))


def test_many_small_files_are_refused_by_count_and_by_sum() -> None:
    assert "more than 2000 files" in str(refusal(b"".join(entry(b"f/%d" % n) for n in range(2001)) + END))
    many_ignored = b"".join(entry(b".git/%d" % n) for n in range(20_001))
    assert "more than 2000 files" in str(refusal(many_ignored + END))
    limits = IntakeLimits(max_bytes=1000)
    assert "Unpacked" in str(refusal(entry(b"a", b"x" * 600) + entry(b"b", b"x" * 401) + END, limits))
    assert len(files(entry(b"a", b"x" * 600) + entry(b"b", b"x" * 400) + END, limits)) == 2


def test_a_size_that_nothing_follows_is_refused_without_waiting_for_it() -> None:
    for size in (b"77777777777\0", b"\x80" + b"\xff" * 11):
        assert "larger than" in str(refusal(header(b"a", size) + END))


def test_a_header_of_great_length_is_refused_unread() -> None:
    for kind in (b"x", b"g", b"L", b"K"):
        assert "far too long" in str(refusal(header(b"h", 30 * MIB, kind) + bytes(30 * MIB)))


def test_a_pax_header_of_very_many_records_is_refused() -> None:
    assert "too much" in str(refusal(pax(*[(b"k", b"v")] * 5000) + entry(b"a") + END))


def test_many_large_pax_headers_do_not_take_long() -> None:
    value = b"v" * 60_000
    begin = time.process_time()
    data = b"".join(pax((b"comment", value)) + entry(b"f%d" % n) for n in range(1500)) + END
    assert len(files(data)) == 1500
    assert time.process_time() - begin < 5


def test_headers_stacked_without_end_are_refused() -> None:
    for piece in (entry(b"L", b"x\0", b"L"), pax((b"comment", b"1")), entry(b"K", b"x\0", b"K")):
        assert "too many headers" in str(refusal(piece * 3000 + entry(b"a") + END))


def test_a_global_header_may_not_name_files() -> None:
    for key in (b"path", b"size"):
        assert "one header names all" in str(refusal(pax((key, b"1"), kind=b"g") + entry(b"a") + END))


# Damage


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (entry(b"a", SOLUTION)[:500], "ends early"),
        (entry(b"a", SOLUTION)[:530], "ends early"),
        (entry(b"a", SOLUTION), "ends early"),
        (entry(b"a", SOLUTION).replace(b"0000644", b"0000744"), "checksum"),
        (header(b"a", b"-0000000001\0"), "not a number"),
        (header(b"a", b"\xff" * 12), "not a number"),
        (header(b"a", b"00000000009\0"), "not a number"),
        (header(b"d", 5, b"5") + bytes(512) + END, "folder has content"),
        (entry(b"x", b"no records", b"x") + entry(b"a") + END, "pax header cannot be read"),
        (entry(b"x", b"99 a=b\n", b"x") + entry(b"a") + END, "pax header cannot be read"),
        (entry(b"x", b"0 a=b\n", b"x") + entry(b"a") + END, "pax header cannot be read"),
        (pax((b"size", b"-1")) + entry(b"a") + END, "size is not a number"),
        (pax((b"size", b"9" * 5000)) + entry(b"a") + END, "size is not a number"),
        (pax((b"size", "٣".encode())) + entry(b"a") + END, "size is not a number"),
        (entry(b"a", b"1") + END + entry(b"b", b"2") + END, "something follows"),
        (gzip.compress(entry(b"a", SOLUTION) + END)[:-1], "damaged"),
        (gzip.compress(entry(b"a", SOLUTION) + END)[:-8] + bytes(8), "damaged"),
        (gzip.compress(entry(b"a", SOLUTION) + END) + b"junk", "damaged"),
        (gzip.compress(b"not a tar"), "ends early"),
        (b"\x1f\x8b", "damaged"),
    ],
)
def test_a_damaged_tar_is_refused(data: bytes, word: str) -> None:
    assert word in str(refusal(data))


def test_a_pax_size_decides_over_the_header() -> None:
    data = pax((b"size", b"5")) + header(b"a", 0) + b"12345".ljust(512, b"\0") + END
    assert files(data) == {"a": b"12345"}


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (lzma.compress(b"x"), "tar.xz"), (bz2(b"x"), "tar.bz2"), (b"7z\xbc\xaf\x27\x1c..", "7z"),
        (b"Rar!\x1a\x07", "rar"), (b"\x28\xb5\x2f\xfd..", "tar.zst"),
    ],
)  # fmt: skip
def test_other_archives_are_refused_with_what_to_use(data: bytes, word: str) -> None:
    error = refusal(data)
    assert word in error.message
    assert ".zip" in error.fix
