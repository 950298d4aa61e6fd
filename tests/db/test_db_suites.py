"""Suites are kept by content and open the same on every machine, whatever happens to the copies."""

from __future__ import annotations

import io
import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from courses import Class
from sqlalchemy import func, select

from grader.config import Settings
from grader.db import suites
from grader.db.school import PublishedSuite
from grader.errors import RubricError, StoreError, SubmissionRejected
from grader.intake import BlobStore, Tree, read_archive

RUBRIC = """\
rubric: 1
id: addition
version: 2
title: Add
sandbox: python
submission: {requires: [solution.py]}
attempts: {count: 4, per: week}
pass_mark: 55
criteria:
  - {id: open, title: Adds, points: 6, tests: tests/test_open.py}
"""
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
FILES = {
    "rubric.yaml": RUBRIC.encode(), "brief.md": b"Add.", "tests/test_open.py": TEST.encode(),
    "starter/solution.py": b"def add(a, b): ...", "examples/good/solution.py": b"x",
}  # fmt: skip


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    return BlobStore(settings.blob_root)


@pytest.fixture(autouse=True)
def _forget() -> None:
    suites._open.cache_clear()


def publish(school: Class, blobs: BlobStore, files: dict[str, bytes], source: str = "suite.zip") -> PublishedSuite:
    with school.database.write() as session:
        return suites.publish(
            session, blobs, course_id=school.course.id, by=school.teacher.id,
            tree=Tree("repository", files), source=source,
        )  # fmt: skip


def test_a_tree_is_published_with_what_lists_need(school: Class, blobs: BlobStore, settings: Settings) -> None:
    row = publish(school, blobs, FILES)

    assert (row.rubric, row.version, row.title, row.max_points) == ("addition", 2, "Add", 6)
    assert (row.pass_mark, row.attempts, row.attempts_per, row.folder, row.source) == (55, 4, "week", None, "suite.zip")
    suite = suites.open_suite(settings, blobs, row)
    assert (suite.digest, suite.brief) == (row.digest, "Add.")
    assert suite.test_files == {"tests/test_open.py": TEST.encode()}
    assert suites.starter(settings, blobs, row) == {"solution.py": b"def add(a, b): ..."}
    assert not (suite.folder / "examples").exists()


def test_a_folder_of_the_installation_may_change_afterwards(
    school: Class, blobs: BlobStore, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "adding"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with school.database.write() as session:
        row = suites.publish(session, blobs, course_id=school.course.id, by=None, folder=folder)
    (folder / "tests" / "test_open.py").write_text("changed")

    assert (row.folder, row.source) == ("adding", "adding")
    assert suites.open_suite(settings, blobs, row).test_files["tests/test_open.py"] == TEST.encode()


def test_the_same_content_is_one_suite_and_other_content_another(school: Class, blobs: BlobStore) -> None:
    first = publish(school, blobs, FILES)
    again = publish(school, blobs, FILES | {"starter/solution.py": b"better"})
    other = publish(school, blobs, FILES | {"tests/test_open.py": TEST.encode() + b"\n"})

    assert first.id == again.id != other.id
    with school.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PublishedSuite)) == 3
        starter = session.get_one(PublishedSuite, first.id).blob
    assert Tree.from_tar(blobs.get(str(starter)), "repository").files["starter/solution.py"] == b"better"


def test_a_suite_with_problems_is_refused_with_all_of_them(school: Class, blobs: BlobStore, tmp_path: Path) -> None:
    broken = FILES | {"rubric.yaml": RUBRIC.replace("points: 6", "points: -6").replace("sandbox", "sandbx").encode()}
    with pytest.raises(RubricError) as refused:
        publish(school, blobs, broken, "mine.zip")

    assert len(refused.value.problems) >= 2
    assert refused.value.where == "mine.zip"
    assert "/tmp" not in str(refused.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "blobs" in path.parts]


def test_an_archive_with_a_link_never_becomes_a_suite() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
        link = zipfile.ZipInfo("tests/passwd")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SubmissionRejected, match="Links"):
        read_archive(out.getvalue(), "suite.zip", suites.LIMITS)


def test_a_folder_with_a_link_is_refused(school: Class, blobs: BlobStore, tmp_path: Path) -> None:
    folder = tmp_path / "adding"
    folder.mkdir()
    (folder / "rubric.yaml").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionRejected, match="Links"), school.database.write() as session:
        suites.publish(session, blobs, course_id=school.course.id, by=None, folder=folder)


@pytest.mark.parametrize("damage", ["change", "add", "empty", "remove"])
def test_a_copy_that_was_changed_is_made_anew(school: Class, blobs: BlobStore, settings: Settings, damage: str) -> None:
    row = publish(school, blobs, FILES)
    folder = suites.open_suite(settings, blobs, row).folder
    suites._open.cache_clear()
    if damage == "change":
        (folder / "tests" / "test_open.py").write_text("def test_add(): pass")
    elif damage == "add":
        (folder / "tests" / "conftest.py").write_text("raise SystemExit")
    else:
        shutil.rmtree(folder)
        if damage == "empty":
            folder.mkdir()

    suite = suites.open_suite(settings, blobs, row)
    assert suite.digest == row.digest
    assert sorted(path.name for path in (suite.folder / "tests").iterdir()) == ["test_open.py"]


def test_a_blob_that_is_not_the_suite_is_our_failure(school: Class, blobs: BlobStore, settings: Settings) -> None:
    row = publish(school, blobs, FILES)
    row.blob = blobs.put(Tree("repository", FILES | {"brief.md": b"Another."}).tar())
    with pytest.raises(StoreError, match="not what its digest says"):
        suites.open_suite(settings, blobs, row)
    row.blob = "sha256:" + "0" * 64
    with pytest.raises(StoreError, match="missing"):
        suites.open_suite(settings, blobs, row)


def test_many_may_open_it_at_once(school: Class, blobs: BlobStore, settings: Settings) -> None:
    row = publish(school, blobs, FILES)
    digests: list[str] = []

    def use() -> None:
        digests.append(suites._open.__wrapped__(folder, row.digest, blob).digest)

    folder = (settings.home / "suites" / str(row.blob).removeprefix("sha256:")).absolute()
    blob = suites._Blob(blobs, str(row.blob))
    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert digests == [row.digest] * 6
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_every_shipped_suite_can_be_published(school: Class, blobs: BlobStore, settings: Settings) -> None:
    shipped = sorted(path.parent for path in (Path(__file__).parents[2] / "rubrics").glob("*/rubric.yaml"))
    assert shipped
    for folder in shipped:
        with school.database.write() as session:
            row = suites.publish(session, blobs, course_id=school.course.id, by=None, folder=folder)
        assert suites.open_suite(settings, blobs, row).rubric.id == row.rubric
