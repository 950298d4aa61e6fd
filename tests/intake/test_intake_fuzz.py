"""Mutated archives: whatever the bytes, a tree within the limits or a SubmissionRejected, and never another error."""

from __future__ import annotations

import io
import tarfile
import zipfile

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, Tree, read_archive

LIMITS = IntakeLimits(max_bytes=20_000, max_file=10_000, max_entries=20, max_depth=4, max_path=60)
NAMES = st.from_regex(r"[a-zé][a-z0-9]{0,9}(/[a-z0-9]{1,9}){0,2}", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=300) | st.just(bytes(2000)), min_size=1, max_size=5)
EDITS = st.lists(
    st.tuples(
        st.integers(0, 1 << 20), st.sampled_from(["set", "insert", "delete", "copy", "field"]), st.binary(max_size=8)
    ),
    min_size=1,
    max_size=6,
)
FIELDS = (
    b"\0\0",
    b"\xff\xff",
    b"\xff\xff\xff\xff",
    b"\xff" * 8,
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x07",
    b"77777777777",
    b"../../x",
)
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def zipped(files: dict[str, bytes], method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str, layout: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=layout) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def mutated(data: bytes, edits: list[tuple[int, str, bytes]]) -> bytes:
    out = bytearray(data)
    for where, what, piece in edits:
        at = where % (len(out) + 1)
        if what == "set":
            out[at : at + len(piece)] = piece
        elif what == "insert":
            out[at:at] = piece
        elif what == "delete":
            del out[at : at + 1 + where % 40]
        elif what == "copy":
            out[at:at] = out[where % 97 : where % 97 + 60]
        else:
            field = FIELDS[where % len(FIELDS)]
            out[at : at + len(field)] = field
    return bytes(out)


def repaired(data: bytes) -> bytes:
    """Recompute every tar header's checksum, so that mutations get past it."""
    out = bytearray(data)
    for at in range(0, len(out) - 511, 512):
        block = out[at : at + 512]
        if block[257:262] == b"ustar":
            out[at + 148 : at + 156] = b"%06o\0 " % (sum(block[:148]) + sum(block[156:]) + 256)
    return bytes(out)


def check(data: bytes, name: str) -> Tree | None:
    try:
        tree = read_archive(data, name, LIMITS)
    except SubmissionRejected as error:
        refusal = error
    else:
        return checked(tree)
    assert refusal.message
    assert refusal.where.isprintable()
    return None


def checked(tree: Tree) -> Tree:
    assert tree.size <= LIMITS.max_bytes
    assert len(tree.files) <= LIMITS.max_entries
    for path, content in tree.files.items():
        parts = path.split("/")
        assert all(part not in ("", ".", "..", ".git") for part in parts)
        assert path.isprintable()
        assert "\\" not in path
        assert len(path) <= LIMITS.max_path
        assert len(parts) <= LIMITS.max_depth
        assert len(content) <= LIMITS.max_file
    assert Tree.from_tar(tree.tar(), tree.kind) == tree
    return tree


def wrapped(files: dict[str, bytes]) -> bool:
    return all("/" in name for name in files) and len({name.split("/")[0] for name in files}) == 1


def clash(files: dict[str, bytes]) -> bool:
    return any(other.startswith(f"{name}/") for name in files for other in files)


@FUZZ
@given(FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_what_zipfile_writes_is_read_as_it_was(files: dict[str, bytes], method: int) -> None:
    assume(not wrapped(files) and not clash(files))
    tree = check(zipped(files, method), "x.zip")
    assert tree is not None
    assert tree.files == dict(sorted(files.items()))


@FUZZ
@given(
    FILES,
    st.sampled_from(["w", "w:gz"]),
    st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_tarfile_writes_is_read_as_it_was(files: dict[str, bytes], mode: str, layout: int) -> None:
    assume(not wrapped(files) and not clash(files))
    tree = check(tarred(files, mode, layout), "x.tar")
    assert tree is not None
    assert tree.files == dict(sorted(files.items()))


@FUZZ
@given(FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), EDITS)
def test_a_mutated_zip_is_a_tree_or_a_refusal(
    files: dict[str, bytes], method: int, edits: list[tuple[int, str, bytes]]
) -> None:
    check(mutated(zipped(files, method), edits), "x.zip")


@FUZZ
@given(FILES, st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]), EDITS)
def test_a_mutated_tar_is_a_tree_or_a_refusal(
    files: dict[str, bytes], layout: int, edits: list[tuple[int, str, bytes]]
) -> None:
    data = mutated(tarred({**files, "é" * 20 + "/" + "n" * 30: b"1"}, "w", layout), edits)
    check(data, "x.tar")
    check(repaired(data), "x.tar")


@FUZZ
@given(FILES, EDITS)
def test_a_mutated_gzip_is_a_tree_or_a_refusal(files: dict[str, bytes], edits: list[tuple[int, str, bytes]]) -> None:
    check(mutated(tarred(files, "w:gz", tarfile.PAX_FORMAT), edits), "x.tgz")


@FUZZ
@given(
    st.binary(max_size=600), st.sampled_from(["", "PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08\x00"]), st.text(max_size=20)
)
@example(b"", "", "")
@example(b"{}", "", "\ud800.ipynb")
def test_any_bytes_under_any_name_are_a_tree_or_a_refusal(data: bytes, magic: str, name: str) -> None:
    for ending in ("", ".py", ".ipynb", ".zip"):
        check(magic.encode("latin-1") + data, name + ending)
