from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import Tree, read_archive

FILES = {"solution.py": b"def predict(xs):\n    return []\n", "data/é.csv": b"1,2\n", "empty": b""}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_files_are_sorted_and_sized() -> None:
    tree = Tree("repository", {"b": b"12", "a": b"3"})
    assert list(tree.files) == ["a", "b"]
    assert tree.size == 3


def test_the_digest_does_not_depend_on_order_or_container() -> None:
    backwards = Tree("repository", dict(reversed(FILES.items())))
    assert Tree("repository", FILES).digest == backwards.digest
    assert read_archive(zipped(FILES), "x.zip").digest == backwards.digest
    assert read_archive(Tree("repository", FILES).tar(), "x.tar").digest == backwards.digest


def test_the_digest_is_pinned_because_badges_carry_it() -> None:
    digest = "sha256:3817e12aaabe47c1f3ea9a542dad8302ef0c7926e7c8bc1a5e6d9de31204fc00"
    assert Tree("repository", {"a": b"1", "b": b""}).digest == digest


@pytest.mark.parametrize(
    "other", [{"ab": b"c"}, {"a": b"bc", "b": b""}, {"a": b"b"}, {"a": b"", "bc": b""}, {"a": b"bc\n"}, {"A": b"bc"}]
)
def test_no_two_different_trees_share_a_digest(other: dict[str, bytes]) -> None:
    assert Tree("repository", {"a": b"bc"}).digest != Tree("repository", other).digest


def test_the_tar_is_the_same_bytes_every_time_and_holds_plain_files_only() -> None:
    tree = Tree("repository", FILES)
    assert tree.tar() == Tree("repository", dict(reversed(FILES.items()))).tar()
    with tarfile.open(fileobj=io.BytesIO(tree.tar())) as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == list(tree.files)
    assert {(m.isreg(), m.mode, m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {
        (True, 0o644, 0, 0, 0, "", "")
    }


NAMES = st.from_regex(r"[a-zé0-9_.-]{1,90}(/[a-zé0-9_.-]{1,90}){0,2}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=2000), min_size=1, max_size=8))
def test_a_stored_tar_gives_back_the_same_tree(files: dict[str, bytes]) -> None:
    tree = Tree("notebook", files, "0" * 40)
    again = Tree.from_tar(tree.tar(), "notebook", "0" * 40)
    assert again == tree
    assert again.digest == tree.digest


def test_from_tar_keeps_a_wrapping_folder() -> None:
    tree = Tree("repository", {"src/a.py": b""})
    assert Tree.from_tar(tree.tar(), "repository").files == {"src/a.py": b""}


def test_a_tar_with_a_link_is_not_ours() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("x")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(ValueError, match="not a plain file"):
        Tree.from_tar(out.getvalue(), "repository")


def test_missing_names_the_required_paths_that_are_absent() -> None:
    tree = Tree("repository", FILES)
    assert tree.missing(["solution.py", "./solution.py", "data", "data/", "report.md", "dat", "Solution.py"]) == [
        "report.md",
        "dat",
        "Solution.py",
    ]


def test_notes_take_part_in_neither_digest_nor_comparison() -> None:
    noted = Tree("repository", FILES, None, ("link was left out.",))
    assert noted == Tree("repository", FILES)
    assert noted.digest == Tree("repository", FILES).digest
