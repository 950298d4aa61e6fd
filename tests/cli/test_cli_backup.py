from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clusters import Cluster
from sqlalchemy import select

from grader.cli.seeding import seed_demo
from grader.config import Settings, load_secret
from grader.db import Database, migrate, queries
from grader.db.base import Base
from grader.db.queries import NewSubmission
from grader.db.school import Assignment, Person
from grader.db.tables import Submission
from grader.intake import BlobStore

ROOT = Path(__file__).parents[2]
Run = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the demo's course in it, and a secret."""
    home = tmp_path / "home"
    use(monkeypatch, home, "")
    seed(settings_of(home))
    return home


def use(monkeypatch: pytest.MonkeyPatch, home: Path, url: str) -> None:
    monkeypatch.setenv("GRADER_HOME", str(home))
    monkeypatch.setenv("GRADER_DATABASE_URL", url)


def settings_of(home: Path, url: str = "") -> Settings:
    return Settings(home=home, database_url=url, rubrics=ROOT / "rubrics", _env_file=None)  # type: ignore[call-arg]


def seed(settings: Settings) -> None:
    migrate(settings)
    seed_demo(settings)
    load_secret(settings)
    settings.issuer_keys_file.parent.mkdir()
    settings.issuer_keys_file.write_text('{"keys": []}')


def rows(settings: Settings) -> dict[str, list[Any]]:
    """Everything in the database."""
    database = Database(settings.sqlalchemy_url)
    try:
        with database.read() as session:
            return {
                table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables
            }
    finally:
        database.dispose()


def test_what_was_backed_up_is_what_is_restored(
    grader: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database_url: str, request: Any
) -> None:
    old = settings_of(tmp_path / "old", empty_database_url)
    seed(old)
    use(monkeypatch, old.home, old.database_url)
    archive = tmp_path / "grader.tar.gz"
    assert grader("backup", archive).status == 0
    assert archive.stat().st_mode & 0o077 == 0

    cluster: Cluster | None = request.getfixturevalue("cluster") if empty_database_url else None
    new = settings_of(tmp_path / "new", cluster.empty() if cluster else "")
    use(monkeypatch, new.home, new.database_url)
    ran = grader("restore", archive)

    assert ran.status == 0, ran.err
    before = rows(old)
    assert len(before["people"]) == 5
    assert rows(new) == before
    blobs = BlobStore(new.blob_root)
    digests = sorted(BlobStore(old.blob_root).digests())
    assert len(digests) == 4
    assert sorted(blobs.digests()) == digests
    assert all(blobs.get(digest) for digest in digests)
    assert load_secret(new) == load_secret(old)
    for path in (new.home / "secret", new.issuer_keys_file):
        assert path.stat().st_mode & 0o077 == 0
    assert {path.name for path in new.home.iterdir()} <= {"blobs", "grader.db", "issuer", "secret"}
    migrate(new)
    database = Database(new.sqlalchemy_url)
    with database.write() as session:  # sequences go on where they were
        session.add(audit_row())
    database.dispose()
    if cluster:
        cluster.drop(new.database_url)


def audit_row() -> Any:
    from grader.db.marking import Audit

    return Audit(at=queries.now(), action="test", about="test", why="")


def test_every_blob_that_the_copy_names_is_in_it_although_students_hand_in(
    grader: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, made = threading.Event(), threading.Semaphore(0)

    def hand_in() -> None:
        settings = settings_of(home)
        database, blobs = Database(settings.sqlalchemy_url), BlobStore(settings.blob_root)
        with database.read() as session:
            assignment, person = session.scalars(select(Assignment)).first(), session.scalars(select(Person)).first()
        assert assignment is not None
        assert person is not None
        new = NewSubmission(rubric="linear-model", suite="", queue="high", job_timeout=9)
        while not stop.is_set():
            digest = blobs.put(os.urandom(2000))
            with database.write() as session:
                row = queries.add_submission(session, new)
                row.blob, row.assignment_id, row.person_id = digest, assignment.id, person.id
            made.release()
        database.dispose()

    thread = threading.Thread(target=hand_in)
    thread.start()
    try:
        assert made.acquire(timeout=20)
        assert grader("backup", tmp_path / "a.tgz").status == 0
    finally:
        stop.set()
        thread.join()

    use(monkeypatch, tmp_path / "new", "")
    assert grader("restore", tmp_path / "a.tgz").status == 0
    new = settings_of(tmp_path / "new")
    database, blobs = Database(new.sqlalchemy_url), BlobStore(new.blob_root)
    with database.read() as session:
        named = list(session.scalars(select(Submission.blob)))
    database.dispose()
    assert named
    assert all(digest and blobs.exists(digest) for digest in named)


def test_nothing_is_restored_over_anything(grader: Run, home: Path, tmp_path: Path) -> None:
    assert grader("backup", tmp_path / "a.tgz").status == 0
    before = rows(settings_of(home))

    ran = grader("restore", tmp_path / "a.tgz")

    assert ran.status == 2
    assert "not empty" in ran.err
    assert rows(settings_of(home)) == before


def test_a_backup_replaces_no_file_and_leaves_none_behind_when_it_fails(
    grader: Run, home: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "there.tgz"
    kept.write_text("precious")
    assert grader("backup", kept).status == 2
    assert kept.read_text() == "precious"

    (home / "grader.db").write_bytes(b"no database" * 1000)
    assert grader("backup", tmp_path / "new.tgz").status == 3
    assert not list(tmp_path.glob("new*"))
    assert not list(home.glob(".backup*"))


def test_without_a_home_there_is_nothing_to_back_up(
    grader: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "nowhere"))
    ran = grader("backup", tmp_path / "a.tgz")
    assert ran.status == 2
    assert "nothing to back up" in ran.err


def parts(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def packed(found: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in found.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0x55 for byte in content[middle : middle + 50]) + content[middle + 50 :]


def damaged(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content[::-1] if name.startswith("blobs/") else content for name, content in found.items()}


def changed(**told: Any) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        return found | {"backup.json": json.dumps(json.loads(found["backup.json"]) | told).encode()}

    return change


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda found: {name: content for name, content in found.items() if name != "end.json"}, "its end is missing"),
        (lambda found: {n: c for n, c in found.items() if n != "database.sqlite"}, "parts are missing"),
        (lambda found: {n: c for i, (n, c) in enumerate(found.items()) if i != 4}, "parts are missing"),
        (damaged, "is damaged"),
        (lambda found: {"backup.json": found["backup.json"], "../../outside": b"x"}, "no part of a backup"),
        (lambda found: dict(reversed(found.items())), "does not begin with"),
        (changed(revision="v9999"), "Use that version, or a newer one"),
        (changed(backup=2), "Use that version, or a newer one"),
        (changed(database="database.pgdump"), "wants database.sqlite"),
        (lambda found: {n: c[:5000] if n == "database.sqlite" else c for n, c in found.items()}, "cannot be restored"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_leaves_the_home_empty(
    grader: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Any, said: str
) -> None:
    assert grader("backup", tmp_path / "a.tgz").status == 0
    bad = tmp_path / "bad.tgz"
    bad.write_bytes(packed(spoil(parts(tmp_path / "a.tgz"))))
    use(monkeypatch, tmp_path / "new", "")

    ran = grader("restore", bad)

    assert ran.status in (2, 3)
    assert said in ran.err
    assert not list((tmp_path / "new").iterdir())
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.parametrize(
    "spoil", [cut, flipped, lambda _: b"", lambda _: gzip.compress(b"no tar"), lambda _: b"no gzip"]
)
def test_a_file_that_is_cut_or_something_else_is_refused(
    grader: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Any
) -> None:
    assert grader("backup", tmp_path / "a.tgz").status == 0
    bad = tmp_path / "bad.tgz"
    bad.write_bytes(spoil((tmp_path / "a.tgz").read_bytes()))
    use(monkeypatch, tmp_path / "new", "")

    ran = grader("restore", bad)

    assert ran.status == 2
    assert "no whole backup" in ran.err
    assert not list((tmp_path / "new").iterdir())


def test_one_machine_can_pipe_it_to_another(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader.cli"]
    saved = subprocess.run([*command, "backup", "-"], capture_output=True, check=True)
    environment = os.environ | {"GRADER_HOME": str(tmp_path / "new")}
    subprocess.run([*command, "restore", "-"], input=saved.stdout, capture_output=True, env=environment, check=True)
    assert rows(settings_of(tmp_path / "new")) == rows(settings_of(home))
