from __future__ import annotations

import io
import os
import socket
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, Tree, read_archive, read_folder, receive
from grader.intake.notebook import clean

SOLUTION = b"def predict(xs):\n    return []\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "solution.py").write_bytes(SOLUTION)
    (folder / "data" / "x.csv").write_bytes(b"1,2\n")
    return folder


# Single files


def test_a_single_python_file_keeps_its_name() -> None:
    tree = read_archive(SOLUTION, "solution.py")
    assert (tree.kind, tree.files) == ("repository", {"solution.py": SOLUTION})


@pytest.mark.parametrize(
    ("uploaded", "kept"),
    [
        ("solution (1).py", "solution.py"), ("solution(12).py", "solution.py"), ("/etc/cron.d/x.py", "x.py"),
        ("..\\..\\x.py", "x.py"), ("C:\\Users\\me\\x.PY", "x.py"), ("../../x.py", "x.py"), ("-rf.py", "rf.py"),
        ("<img src=x onerror=alert(1)>.py", "_img_src_x_onerror_alert_1__.py"), ("a\x00b\n.py", "a_b_.py"),
        ("été.py", "été.py"), (".py", "py.py"), ("...py", "submission.py"), ("\u202eyp.x.py", "_yp.x.py"),
        ("x" * 4000 + ".py", "x" * 100 + ".py"), ("/.py", "py.py"), ("(1).py", "submission.py"),
    ],
)  # fmt: skip
def test_an_uploaded_name_is_only_ever_a_harmless_name(uploaded: str, kept: str) -> None:
    assert list(read_archive(SOLUTION, uploaded).files) == [kept]


def test_a_long_name_beyond_ascii_fits_a_file_system() -> None:
    (name,) = read_archive(SOLUTION, "\U0001d4b3" * 300 + ".py").files
    assert len(name.encode()) <= 255


def test_binary_named_py_is_refused() -> None:
    with pytest.raises(SubmissionRejected, match="not text"):
        read_archive(b"\x7fELF\0\0", "solution.py")


def test_the_bytes_decide_and_not_the_name() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.py", SOLUTION)
    for name in ("solution.py", "x.ipynb", "x.tar.gz", "x", ""):
        assert read_archive(out.getvalue(), name).files == {"a.py": SOLUTION}


def test_a_notebook_is_one_file_of_kind_notebook() -> None:
    content = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    tree = read_archive(content, "my analysis (2).ipynb")
    assert (tree.kind, tree.files) == ("notebook", {"my_analysis.ipynb": clean(content)})


@pytest.mark.parametrize(
    "content",
    [
        b"[]", b"{", b"1", b"\xff\xfe{}", b'{"x": NaN}', b'{"x": -Infinity}', b"[" * 5000 + b"]" * 5000,
        b'{"a":' * 100_000, b'{"cells": [], "cells": []}', b'{"a": {"b": 1, "b": 2}}', b'{"n": ' + b"9" * 5000 + b"}",
        b"{}{}", "\ufeff{}".encode(),
    ],
)  # fmt: skip
def test_what_is_not_one_json_object_is_no_notebook(content: bytes) -> None:
    with pytest.raises(SubmissionRejected, match="not a valid notebook"):
        read_archive(content, "x.ipynb")


@pytest.mark.parametrize(("piece", "times"), [(b"[],", 5_000_000), (b'{"a":1},', 250_000), (b"1,", 5_000_000)])
def test_a_notebook_that_would_fill_the_memory_when_parsed_is_refused(piece: bytes, times: int) -> None:
    begin = time.process_time()
    with pytest.raises(SubmissionRejected, match="too many values"):
        read_archive(b'{"cells": [' + piece * times + b"1]}", "x.ipynb")
    assert time.process_time() - begin < 2


def test_a_single_file_has_a_size_limit() -> None:
    limits = IntakeLimits(max_bytes=100, max_file=10)
    for name, content in (("a.py", b"#" * 11), ("a.ipynb", b"{" + b" " * 9 + b"}")):
        with pytest.raises(SubmissionRejected, match="larger than"):
            read_archive(content, name, limits)


@pytest.mark.parametrize("name", ["notes.txt", "program.exe", "README", "", "x.zip", "x.tgz", "x.gz", "x.tar"])
def test_other_files_are_refused_with_what_to_hand_in(name: str) -> None:
    with pytest.raises(SubmissionRejected) as caught:
        read_archive(b"hello", name)
    assert ".zip" in caught.value.fix
    assert caught.value.where == name


def test_an_empty_upload_is_refused() -> None:
    with pytest.raises(SubmissionRejected, match="empty"):
        read_archive(b"", "x.zip")


def test_a_hostile_name_is_made_printable_in_the_refusal() -> None:
    with pytest.raises(SubmissionRejected) as caught:
        read_archive(b"hello", "\x1b[2J\u202e" + "x" * 5000)
    assert caught.value.where.isprintable()
    assert len(caught.value.where) < 200


# Folders


def test_a_folder_is_read_with_the_same_ignores(project: Path) -> None:
    for junk in (".git/config", "__pycache__/x.pyc", ".venv/bin/pip"):
        (project / junk).parent.mkdir(parents=True)
        (project / junk).write_bytes(b"x")
    (project / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    (project / "node_modules").symlink_to("/usr/lib")
    assert read_folder(project).files == {"data/x.csv": b"1,2\n", "solution.py": SOLUTION}


def test_a_folder_with_one_folder_inside_keeps_it(tmp_path: Path, project: Path) -> None:
    assert list(read_folder(tmp_path).files) == ["project/data/x.csv", "project/solution.py"]


def test_links_in_a_folder_are_refused_and_never_followed(project: Path) -> None:
    for target in ("/etc/passwd", "solution.py", "/etc", "nowhere"):
        (project / "link").symlink_to(target)
        with pytest.raises(SubmissionRejected, match="Links") as caught:
            read_folder(project)
        assert caught.value.where == "link"
        (project / "link").unlink()


def test_pipes_and_sockets_in_a_folder_are_refused_without_opening_them(project: Path) -> None:
    os.mkfifo(project / "pipe")
    with pytest.raises(SubmissionRejected, match="pipe"):
        read_folder(project)
    (project / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(project / "s"))
        with pytest.raises(SubmissionRejected, match="socket"):
            read_folder(project)


def test_a_folder_has_limits(project: Path) -> None:
    for limits, word in (
        (IntakeLimits(max_entries=2), "more than 2 files"),
        (IntakeLimits(max_file=10), "larger than"),
        (IntakeLimits(max_bytes=34), "Unpacked"),
        (IntakeLimits(max_depth=1), "deeper"),
        (IntakeLimits(max_path=5), "longer"),
    ):
        with pytest.raises(SubmissionRejected, match=word):
            read_folder(project, limits)
    assert len(read_folder(project, IntakeLimits(max_entries=3, max_bytes=35, max_depth=2, max_path=11)).files) == 2


def test_names_a_folder_may_not_hold_are_refused(project: Path) -> None:
    for name in (b"a\nb", b"a\\b", b"a\xff"):
        path = project / os.fsdecode(name)
        path.touch()
        with pytest.raises(SubmissionRejected, match="unsafe path"):
            read_folder(project)
        path.unlink()


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRejected, match="no files"):
        read_folder(tmp_path)
    with pytest.raises(SubmissionRejected, match="no such folder"):
        read_folder(tmp_path / "nowhere")


# The one door


def test_every_way_in_gives_the_same_digest(project: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in project.rglob("*.*"):
            archive.write(path, f"wrap/{path.relative_to(project)}")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
        packed.add(project, "wrap")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(project)]
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-qm", "x"],
        ["clone", "-q", "--bare", ".", str(tmp_path / "b.git")],
    ):
        subprocess.run([*git, *arguments], check=True)
    sources: list[str | Path] = [
        project,
        str(project),
        tmp_path / "a.zip",
        str(tmp_path / "a.tar.gz"),
        tmp_path / "b.git",
    ]
    trees = [receive(source) for source in [*sources, (tmp_path / "b.git").as_uri()]]
    assert len({tree.digest for tree in trees}) == 1
    assert trees[0] == Tree("repository", {"solution.py": SOLUTION, "data/x.csv": b"1,2\n"})
    assert [tree.commit is not None for tree in trees] == [False, False, False, False, True, True]


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRejected, match="no such file"):
        receive(tmp_path / "nowhere.zip")


@pytest.mark.parametrize("source", ["/etc", "/etc/passwd", ".", "file:///etc", "~", "", "-x", "git@host:a/b"])
def test_text_from_the_web_never_names_a_file_of_this_machine(source: str) -> None:
    with pytest.raises(SubmissionRejected, match="https://"):
        receive(source, local=False)


def test_a_path_object_is_refused_when_local_files_are_not_allowed(project: Path) -> None:
    with pytest.raises(SubmissionRejected, match="Only an upload"):
        receive(project, local=False)


@pytest.mark.parametrize(
    "source", ["git@github.com:a/b.git", "ssh://git@h/x", "http://h/x", "ext::sh -c x", "--upload-pack=x"]
)
def test_an_address_that_is_not_https_is_refused_on_the_command_line_too(source: str) -> None:
    with pytest.raises(SubmissionRejected, match=r"https://|characters"):
        receive(source)
