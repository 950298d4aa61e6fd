from __future__ import annotations

import os
import subprocess
import tempfile
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from grader.errors import SubmissionRejected
from grader.intake import IntakeLimits, Tree, clone
from grader.intake.address import Remote
from grader.intake.clone import fetch

SOLUTION = b"def predict(xs):\n    return []\n"
MIB = 1 << 20
PERSON = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Repository:
    """A real repository, made with the real git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.write("solution.py", SOLUTION)

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        settings = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**os.environ, **PERSON, **settings},
            input=stdin,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def object(self, kind: str, content: bytes) -> str:
        """Write any object, however wrong, straight into the store."""
        return self.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", stdin=content)

    def commit_tree(self, entries: list[tuple[bytes, bytes, str]]) -> str:
        """A commit on main whose tree has exactly these (mode, name, object) entries."""
        tree = self.object(
            "tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
        )
        commit = self.git("commit-tree", "-m", "x", tree)
        self.git("update-ref", "refs/heads/main", commit)
        return commit


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture(autouse=True)
def nothing_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> object:
    """Every clone, also a refused one, leaves the folder for temporary files as empty as it was."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def local(repository: Repository, limits: IntakeLimits | None = None, *, ref: str = "", seconds: float = 60) -> Tree:
    return clone(repository.folder.as_uri() + ref, limits, allow_local=True, seconds=seconds)


def refused(
    repository: Repository, limits: IntakeLimits | None = None, *, ref: str = "", seconds: float = 60
) -> SubmissionRejected:
    with pytest.raises(SubmissionRejected) as caught:
        local(repository, limits, ref=ref, seconds=seconds)
    return caught.value


def test_a_repository_is_read_with_its_commit(repository: Repository) -> None:
    repository.write("data/é b.csv", bytes(range(256)) * 1000)
    repository.write("empty", b"")
    (repository.folder / "solution.py").chmod(0o755)
    commit = repository.commit()
    tree = local(repository)
    assert tree.files == {"data/é b.csv": bytes(range(256)) * 1000, "empty": b"", "solution.py": SOLUTION}
    assert (tree.kind, tree.commit, tree.notes) == ("repository", commit, ())


def test_only_what_is_committed_counts(repository: Repository) -> None:
    repository.commit()
    repository.write("later.py", b"")
    assert list(local(repository).files) == ["solution.py"]


def test_a_path_works_like_a_file_address(repository: Repository) -> None:
    repository.commit()
    assert clone(str(repository.folder), allow_local=True) == local(repository)


def test_a_branch_a_tag_and_a_commit_can_be_named(repository: Repository) -> None:
    first = repository.commit()
    repository.git("tag", "-a", "v1", "-m", "x")
    repository.git("checkout", "-q", "-b", "feature/x")
    repository.write("b.py", b"")
    second = repository.commit()
    repository.git("checkout", "-q", "main")
    assert (
        local(repository).commit
        == local(repository, ref="#v1").commit
        == local(repository, ref=f"#{first}").commit
        == first
    )
    assert local(repository, ref="#feature/x").commit == second
    assert list(local(repository, ref="#feature/x").files) == ["b.py", "solution.py"]


def test_a_branch_that_is_not_there_and_an_empty_repository_are_refused(repository: Repository) -> None:
    assert "no such branch" in str(refused(repository))
    repository.commit()
    for ref in ("#nowhere", "#" + "1" * 40):
        assert "no such branch" in str(refused(repository, ref=ref))


def test_a_single_folder_in_a_repository_is_kept(repository: Repository) -> None:
    (repository.folder / "solution.py").unlink()
    repository.write("src/a.py", b"")
    repository.commit()
    assert list(local(repository).files) == ["src/a.py"]


def test_more_files_than_a_pipe_holds_are_read(repository: Repository) -> None:
    for number in range(1999):
        repository.write(f"f/{number}", b"%d" % number * 50)
    repository.commit()
    tree = local(repository)
    assert len(tree.files) == 2000
    assert tree.files["f/77"] == b"77" * 50
    repository.write("f/one-more", b"")
    repository.commit()
    assert "more than 2000 files" in str(refused(repository))


def test_submodules_lfs_filters_and_links_are_inert(repository: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    modules = (
        f'[submodule "a"]\n\tpath = a\n\turl = ext::sh -c touch% {canary}\n'
        '[submodule "b"]\n\tpath = "b\r"\n\turl = file:///etc\n'
        f'[submodule "../c"]\n\tpath = -c\n\turl = --upload-pack=x\n\tupdate = !touch {canary}\n'
    )
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 99999999999\n"
    texts = {".gitmodules": modules.encode(), ".gitattributes": b"*.bin filter=lfs\n* filter=x\n", "model.bin": pointer}
    for name, content in texts.items():
        repository.write(name, content)
    (repository.folder / "link").symlink_to("/etc/passwd")
    (repository.folder / "up").symlink_to("../../..")
    repository.git("add", "-A")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},a")
    repository.git("commit", "-qm", "x")
    tree = local(repository)
    assert tree.files == dict(sorted({**texts, "solution.py": SOLUTION}.items()))
    assert tree.notes == (
        "a is a submodule and was left out.",
        "link is a symbolic link and was left out.",
        "up is a symbolic link and was left out.",
        "model.bin is a Git LFS pointer: its content was not fetched.",
    )
    assert not canary.exists()


def test_a_hostile_configuration_and_hooks_of_a_local_repository_do_not_run(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit()
    canary, script = tmp_path / "canary", tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    for key in (
        "uploadpack.packObjectsHook", "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external",
        "credential.helper", "core.askPass", "core.alternateRefsCommand", "gpg.program",
    ):  # fmt: skip
        repository.git("config", key, str(script))
    repository.git("config", "core.hooksPath", str(tmp_path))
    repository.git("config", "alias.upload-pack", f"!{script}")
    repository.git("config", "remote.evil.promisor", "true")
    repository.git("config", "remote.evil.url", f"ext::{script}")
    repository.git("config", "remote.evil.uploadpack", str(script))
    repository.git("config", "protocol.ext.allow", "always")
    repository.git("config", "extensions.partialClone", "evil")
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (tmp_path / hook).symlink_to(script)
        (repository.folder / ".git" / "hooks" / hook).symlink_to(script)
    assert local(repository).files == {"solution.py": SOLUTION}
    missing = next((repository.folder / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*"))
    missing.unlink()  # a promisor's missing object must not be fetched from where the repository says
    refused(repository)
    assert not canary.exists()


@pytest.mark.parametrize(
    "value",
    ["GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", "GIT_CONFIG_PARAMETERS", "GIT_DIR", "GIT_EXEC_PATH"],
)
def test_variables_of_our_own_environment_do_not_reach_git(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    repository.commit()
    monkeypatch.setenv(value, "/nowhere")
    assert list(local(repository).files) == ["solution.py"]


# What is too much


def test_a_huge_blob_that_is_small_on_the_wire_is_refused_by_the_listing(repository: Repository) -> None:
    repository.write("data.bin", bytes(64 * MIB))
    repository.commit()
    tracemalloc.start()
    error = refused(repository)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "larger than 20 MiB" in error.message
    assert error.where == "data.bin"
    assert peak < 10 * MIB


def test_many_blobs_are_refused_by_their_sum(repository: Repository) -> None:
    for number in range(6):
        repository.write(f"{number}.bin", bytes(10 * MIB))
    repository.commit()
    assert "larger than 50 MiB" in str(refused(repository))


def test_a_blob_listed_many_times_is_refused_by_its_sum(repository: Repository) -> None:
    blob = repository.object("blob", bytes(10 * MIB))
    repository.commit_tree([(b"100644", b"f%03d" % number, blob) for number in range(900)])
    assert "larger than 50 MiB" in str(refused(repository))


def test_a_fetch_is_stopped_when_too_much_arrives(repository: Repository) -> None:
    for number in range(4):
        repository.write(f"{number}.bin", os.urandom(4 * MIB))
    repository.commit()
    assert "too large" in str(refused(repository, IntakeLimits(max_bytes=MIB)))


def test_a_fetch_has_a_wall_clock_limit(repository: Repository) -> None:
    repository.write("data.bin", bytes(200 * MIB))
    repository.commit()
    begin = time.monotonic()
    assert "takes too long" in str(refused(repository, seconds=0.2))
    assert time.monotonic() - begin < 15


@pytest.mark.parametrize("name", [b"data", b".venv"])
def test_a_tree_bomb_is_refused_while_it_is_listed(repository: Repository, name: bytes) -> None:
    entry = (b"100644", repository.object("blob", b"x"))
    for _ in range(10):
        mode, sha = entry
        content = b"".join(mode + b" f%d\0" % n + bytes.fromhex(sha) for n in range(10))
        entry = (b"40000", repository.object("tree", content))
    repository.commit_tree([(entry[0], name, entry[1])])
    begin = time.monotonic()
    assert "more than 2000 files" in str(refused(repository))
    assert time.monotonic() - begin < 15


# Names that git itself would never write


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ([(b"100644", b"..")], "could not be fetched"),
        ([(b"100644", b"a\\..\\b")], "unsafe path"),
        ([(b"100644", b"a\nb")], "unsafe path"),
        ([(b"100644", b"a\xff")], "UTF-8"),
        ([(b"100644", b"A.py"), (b"100644", b"a.py")], "same name"),
        ([(b"100644", b"x" * 201)], "longer"),
        ([(b"100644", b"a/../../b")], "could not be fetched"),
    ],
)
def test_names_go_through_the_same_gate_as_in_an_archive(
    repository: Repository, entries: list[tuple[bytes, bytes]], word: str
) -> None:
    blob = repository.object("blob", b"x")
    repository.commit_tree([(mode, name, blob) for mode, name in entries])
    assert word in str(refused(repository))


def test_a_committed_environment_and_cache_are_left_out_unread(repository: Repository) -> None:
    repository.write(".venv/big.bin", bytes(30 * MIB))
    repository.write("__pycache__/x.pyc", b"x")
    repository.commit()
    assert list(local(repository).files) == ["solution.py"]


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SubmissionRejected, match="not a git repository"):
        clone(str(tmp_path), allow_local=True)


def test_a_damaged_repository_is_refused(repository: Repository) -> None:
    repository.commit()
    for path in (repository.folder / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*"):
        path.chmod(0o644)
        path.write_bytes(zlib.compress(b"blob 3\0abc"))
    refused(repository)


def test_git_may_only_speak_the_protocol_of_the_checked_address(repository: Repository) -> None:
    repository.commit()
    wrong = Remote(repository.folder.as_uri(), None, "shown", "https")
    with pytest.raises(SubmissionRejected, match="could not be fetched"):
        fetch(wrong, IntakeLimits())


def test_a_local_path_is_not_an_address_unless_it_is_allowed(repository: Repository) -> None:
    repository.commit()
    for text in (str(repository.folder), repository.folder.as_uri()):
        with pytest.raises(SubmissionRejected, match="https://"):
            clone(text)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to someone else")
def test_a_repository_of_another_user_is_refused(repository: Repository) -> None:
    repository.commit()
    for folder, _, names in os.walk(repository.folder):
        for name in (".", *names):
            os.chown(Path(folder, name), 65534, 65534)
    assert "another user" in str(refused(repository))
