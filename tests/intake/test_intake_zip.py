from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest
from rawzip import SOLUTION, Raw, files, made, raw_zip, refusal

from grader.intake import IntakeLimits, read_archive

# What ordinary students hand in


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_an_ordinary_zip_is_read(method: int) -> None:
    content = {"solution.py": SOLUTION, "data/a b.csv": bytes(range(256)) * 999, "empty.txt": b"", "d/": b""}
    del (kept := dict(content))["d/"]
    tree = read_archive(made(content, method), "work.zip")
    assert (tree.kind, tree.files, tree.commit) == ("repository", dict(sorted(kept.items())), None)


def test_a_zip_written_as_a_stream_with_zip64_fields_is_read() -> None:
    class Pipe(io.RawIOBase):
        """Cannot seek, so sizes follow the data."""

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += data
            return len(data)

    pipe = Pipe()
    with (
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.py", "w", force_zip64=True) as file,
    ):
        file.write(SOLUTION)
    assert files(bytes(pipe.data)) == {"a.py": SOLUTION}


def test_a_zip64_end_record_is_read() -> None:
    whole = raw_zip(Raw())
    end = whole[-22:]
    size, start = struct.unpack("<2I", end[12:20])
    at = len(whole) - 22
    record = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, 1, 1, size, start)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    tail = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert files(whole[:-22] + record + locator + tail) == {"solution.py": SOLUTION}
    assert "zip64 end record" in str(refusal(whole[:-22] + record + b"gap" + locator + tail))
    lie = record.replace(struct.pack("<2Q", 1, 1), struct.pack("<2Q", 10**9, 10**9))
    assert "2000 files" in str(refusal(whole[:-22] + lie + locator + tail))


def test_sizes_in_a_zip64_extra_field_are_read() -> None:
    extra = struct.pack("<2HQ", 1, 8, len(SOLUTION))
    assert files(raw_zip(Raw(size=0xFFFFFFFF, extra=extra, flags=8, local_flags=8))) == {"solution.py": SOLUTION}


def test_one_wrapping_folder_is_stripped_and_only_one() -> None:
    assert list(files(made({"p/": b"", "p/src/a.py": b"", "p/src/b.py": b""}))) == ["src/a.py", "src/b.py"]


def test_a_wrapping_folder_is_found_beside_what_macos_adds() -> None:
    content = {"p/a.py": b"1", "__MACOSX/p/._a.py": b"x", "p/.DS_Store": b"x", "p/._a.py": b"x"}
    assert files(made(content)) == {"a.py": b"1"}


def test_a_package_handed_in_alone_keeps_its_name() -> None:
    assert list(files(made({"digits/__init__.py": b"", "digits/model.py": b""}))) == [
        "digits/__init__.py",
        "digits/model.py",
    ]


def test_a_file_beside_the_folder_keeps_the_folder() -> None:
    assert list(files(made({"p/a.py": b"", "b.py": b""}))) == ["b.py", "p/a.py"]


def test_caches_environments_and_git_are_left_out() -> None:
    junk = (
        ".git/config",
        "a/__pycache__/x.pyc",
        ".venv/bin/python",
        "node_modules/a/b.js",
        ".ipynb_checkpoints/x.ipynb",
    )
    content = {"a.py": b"1"} | dict.fromkeys(junk, b"x") | {".venv/" + "d/" * 20 + "deep": b"", ".gitignore": b"2"}
    assert files(made(content)) == {".gitignore": b"2", "a.py": b"1"}


def test_a_virtual_environment_larger_than_every_limit_does_no_harm() -> None:
    limits = IntakeLimits(max_bytes=1000, max_file=1000, max_entries=10)
    content = {"a.py": b"1"} | {f".venv/{n}": b"x" * 50 for n in range(80)} | {".venv/big": b"\0" * 5_000_000}
    assert files(made(content), limits) == {"a.py": b"1"}
    assert "larger than" in str(refusal(made(content, zipfile.ZIP_STORED), limits))


def test_names_in_utf8_without_the_flag_as_macos_writes_them_are_understood() -> None:
    assert list(files(raw_zip(Raw(name="donnée.py".encode())))) == ["donnée.py"]
    assert list(files(raw_zip(Raw(name=b"donn\x82e.py")))) == ["donnée.py"]


def test_decomposed_names_are_composed() -> None:
    assert list(files(raw_zip(Raw(name=b"e\xcc\x81.py")))) == ["é.py"]


def test_a_leading_dot_folder_is_dropped() -> None:
    assert list(files(raw_zip(Raw(name=b"./a//b/./c.py"), Raw(name=b"z")))) == ["a/b/c.py", "z"]


def test_a_comment_as_code_hosts_write_it_is_fine() -> None:
    assert files(raw_zip(Raw(), comment=b"0123456789abcdef" * 3)) == {"solution.py": SOLUTION}


def test_an_archive_as_data_stays_packed() -> None:
    extra = struct.pack("<2HQ", 1, 8, len(SOLUTION))
    small = raw_zip(Raw(size=0xFFFFFFFF, extra=extra, flags=8, local_flags=8))
    for inner in (made({"train.csv": b"1,2\n" * 50_000}), small):
        assert files(made({"solution.py": SOLUTION, "data.zip": inner}))["data.zip"] == inner


# Names


@pytest.mark.parametrize(
    "name",
    [
        "../canary", "../../../../tmp/canary", "/tmp/canary", "//tmp/canary", "a/../../canary", "a/..", "..",
        "..\\canary", "C:\\canary", "C:/canary", "c:canary", "~/canary", "a\\b.py", "\u202egnp.yp", "a\nb.py",
        "a\x00b.py", "a\x7fb", "a\x9bb",
        "\ufeffa.py", "a\u2028b", ".git/../../x", ".venv/\x1b[2J", "__MACOSX/../../x",
    ],
)  # fmt: skip
def test_an_unsafe_name_is_refused_wherever_it_stands(name: str) -> None:
    error = refusal(raw_zip(Raw(), Raw(name=name.encode(), flags=0x800)))
    assert "unsafe path" in error.message
    assert error.where.isprintable()


def test_a_name_that_claims_to_be_utf8_and_is_not_is_refused() -> None:
    assert "UTF-8" in str(refusal(raw_zip(Raw(name=b"a\xff.py", flags=0x800))))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("x" * 197 + ".py", None),
        ("x" * 198 + ".py", "longer"),
        ("é" * 128, "longer"),
        ("d/" * 11 + "f", None),
        ("d/" * 12 + "f", "deeper"),
        ("d/" * 13, "deeper"),
        ("d/" * 300 + "f", "longer"),
    ],
)
def test_long_and_deep_names_have_a_limit(name: str, word: str | None) -> None:
    data = raw_zip(Raw(), Raw(name=name.encode(), content=b""))
    if word is None:
        assert name in files(data)
    else:
        assert word in str(refusal(data))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.py", "a.py"), ("a.py", "A.PY"), ("./a.py", "a.py"), ("straße", "STRASSE"), ("\u00e9", "e\u0301"),
        ("ﬁ", "fi"),
        ("\u03aa\u0301", "\u0390"), ("d/a", "D/A"), ("a", "a/b"), ("a/b", "a"), ("A/b/c", "a/B"), ("a/", "a"),
        ("a", "a/"),
    ],
)  # fmt: skip
def test_names_that_fall_together_on_some_disk_are_refused(first: str, second: str) -> None:
    entries = [Raw(name=n.encode(), content=b"" if n.endswith("/") else b"x") for n in (first, second)]
    assert "same name" in str(refusal(raw_zip(*entries)))


def test_a_folder_named_twice_or_after_its_files_is_fine() -> None:
    entries = [Raw(name=n, content=b"") for n in (b"a/b", b"a/", b"a/", b"c")]
    assert list(files(raw_zip(*entries))) == ["a/b", "c"]


def test_a_file_without_a_name_is_refused() -> None:
    for name in (b"", b".", b"./."):
        assert "no name" in str(refusal(raw_zip(Raw(name=name))))


# Links and special modes


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        (stat.S_IFLNK | 0o777, "Links"), (stat.S_IFIFO | 0o666, "pipe"), (stat.S_IFCHR | 0o666, "device"),
        (stat.S_IFBLK, "device"), (stat.S_IFSOCK, "socket"), (stat.S_IFREG | 0o4755, "setuid"),
        (stat.S_IFREG | 0o2755, "setgid"), (0o4755, "setuid"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("system", [0, 3, 19])
def test_links_devices_and_setuid_files_are_refused(mode: int, word: str, system: int) -> None:
    error = refusal(raw_zip(Raw(), Raw(name=b"x", content=b"/etc", attributes=mode << 16, system=system)))
    assert word in error.message
    assert error.where == "work.zip: x"


def test_a_windows_link_is_refused() -> None:
    assert "Links" in str(refusal(raw_zip(Raw(name=b"x", attributes=0x400, system=0))))


def test_a_file_written_through_a_linked_folder_is_refused() -> None:
    link = Raw(name=b"data", content=b"/etc", attributes=(stat.S_IFLNK | 0o777) << 16)
    assert "Links" in str(refusal(raw_zip(link, Raw(name=b"data/canary"))))


def test_a_setgid_folder_as_shared_servers_make_them_is_fine() -> None:
    folder = Raw(name=b"d/", content=b"", attributes=(stat.S_IFDIR | 0o2775) << 16)
    assert list(files(raw_zip(Raw(), folder))) == ["solution.py"]


def test_a_folder_with_content_is_refused() -> None:
    assert "folder has content" in str(refusal(raw_zip(Raw(name=b"d/"))))
