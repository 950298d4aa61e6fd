"""Takes in a git repository without ever checking it out.

One commit is fetched into a bare repository in a folder that lives as long as the call; its tree is listed and its
blobs go through the same gate as an archive's entries. So filters, LFS, hooks, submodules, links and names that only
bite on disk never come into play. There is no `--filter`: git would then fetch what was left out the moment it is
listed, which is a second connection chosen by the repository; sizes are watched on disk and in the listing instead.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

from grader.errors import InfrastructureError
from grader.intake.address import Remote, https_remote, local_remote
from grader.intake.collect import LEAVE_OUT, Collector, megabytes, reject, show, slices
from grader.intake.tree import IntakeLimits, Tree

SECONDS = 60.0
"""Wall-clock limit of one clone."""

_POLL = 0.05
_MEMORY = 2 << 30
_RECORD = 1 << 16
_HEAD = "refs/grader/head"
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "CURL_CA_BUNDLE")
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GCM_INTERACTIVE": "never",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
    "GIT_HTTP_LOW_SPEED_TIME": "20",
}
_INERT = ("Blob", "Large", "Missing", "Name", "Parse", "Path", "Symlink", "Update", "Url")
_OLD_COMMITS = ("missingSpaceBeforeDate", "badTimezone", "zeroPaddedFilemode", "missingEmail", "badEmail")
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.bigFileThreshold=1m",  # larger blobs are streamed, not held in memory
    "transfer.fsckObjects=true",
    *(f"fetch.fsck.gitmodules{check}=ignore" for check in _INERT),  # .gitmodules is a text like any other here
    *(f"fetch.fsck.{check}=ignore" for check in _OLD_COMMITS),
    "fetch.unpackLimit=1",  # keep the pack: loose objects of a bomb would fill the disk
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "pack.threads=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.helper=",
    "http.followRedirects=false",
    "http.sslVerify=true",
    "http.proxy=",
    "transfer.bundleURI=false",
)
_SYMLINK, _GITLINK = "120000", "160000"

_SIZE = "The repository is too large."
_TROUBLES = (
    (
        r"couldn't find remote ref|not our ref|unadvertised object",
        "The repository is empty or has no such branch, tag or commit.",
        "Check that it was pushed.",
    ),
    (
        r"could not read Username|Authentication failed|returned error: 40[134]|repository '.*' not found",
        "The repository does not exist or is private.",
        "Check the address and make the repository public, or hand in an archive.",
    ),
    (
        r"returned error: 30\d|redirect",
        "The address leads to another one.",
        "Give the address of the repository itself.",
    ),
    (
        r"SSL|certificate|TLS",
        "The host has no valid certificate.",
        "Use a host whose certificate is in order.",
    ),
    (
        r"File too large|out of memory|mmap failed|malloc failed",
        _SIZE,
        LEAVE_OUT,
    ),
    (
        r"dubious ownership",
        "The repository belongs to another user of this machine.",
        "Hand in the folder or an archive.",
    ),
    (
        r"does not appear to be a git repository",
        "This is not a git repository.",
        "Give the folder that holds .git, or a bare repository.",
    ),
)
"""What git says, what we say, and the fix."""


def clone(url: str, limits: IntakeLimits | None = None, *, allow_local: bool = False, seconds: float = SECONDS) -> Tree:
    """Fetch one commit of `https://host/path[#branch, tag or commit]` and read its files.

    `allow_local` also takes a path or file:// address, for the command line only. Submodules and symbolic links are
    left out and named in the tree's `notes`. Raises SubmissionRejected; InfrastructureError when git itself is missing.
    """
    _require_git()
    local = allow_local and not url.lower().startswith("https:")
    return fetch(local_remote(url) if local else https_remote(url), limits or IntakeLimits(), seconds)


def fetch(remote: Remote, limits: IntakeLimits, seconds: float = SECONDS) -> Tree:
    """Fetch a checked remote. Raises SubmissionRejected when it cannot be fetched, is too large or takes too long."""
    into = Collector(limits)
    with tempfile.TemporaryDirectory(prefix="grader-clone-") as folder:
        git = _Git(Path(folder), remote, limits, time.monotonic() + seconds)
        git.run("init", "--quiet", "--bare", "--template=", ".")
        options = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        git.run("fetch", *options, "--", remote.url, f"+{remote.ref or 'HEAD'}:{_HEAD}")
        commit = git.run("rev-parse", "--verify", f"{_HEAD}^{{commit}}").decode().strip()
        git.read_blobs(git.listing(commit, into), into)
    return into.tree(commit=commit)


@cache
def _require_git() -> None:
    """Older gits ignore the pinned address without a word, so they are not used."""
    path = shutil.which("git")
    if path is None:
        raise InfrastructureError("git is not installed")
    answer = subprocess.run([path, "version"], capture_output=True, text=True, check=False, timeout=10).stdout
    found = re.search(r"(\d+)\.(\d+)", answer)
    if found is None or (int(found[1]), int(found[2])) < (2, 37):
        raise InfrastructureError("git 2.37 or newer is needed")


class _Git:
    """Runs git in one bare repository under a deadline and a ceiling on what lies on disk."""

    def __init__(self, folder: Path, remote: Remote, limits: IntakeLimits, deadline: float) -> None:
        self._remote = remote
        self._deadline = deadline
        self._ceiling = limits.max_container
        self._repository = folder / "r.git"
        self._home = folder / "home"
        self._errors = folder / "errors"
        self._broken: str | None = None
        self._repository.mkdir()
        self._home.mkdir()

    def run(self, *arguments: str) -> bytes:
        """Run one command to its end and return what little it prints."""
        with self._process(*arguments) as process:
            return _stdout(process).read(_RECORD)

    def listing(self, commit: str, into: Collector) -> list[tuple[str, str, int]]:
        """Path, object id and size of every blob to take; each size is checked before any is read."""
        wanted = []
        with self._process("ls-tree", "-r", "-l", "-z", "--full-tree", commit) as process:
            for record in _records(_stdout(process)):
                mode, _, name, blob, size = _entry(record)
                into.count()
                path = into.path(name)
                if path is None:
                    continue
                if mode in (_SYMLINK, _GITLINK):
                    kind = "symbolic link" if mode == _SYMLINK else "submodule"
                    into.notes.append(f"{show(path)} is a {kind} and was left out.")
                    continue
                into.room_for(path, size)
                wanted.append((path, blob, size))
        return wanted

    def read_blobs(self, wanted: list[tuple[str, str, int]], into: Collector) -> None:
        """Put the blobs through `into`, one request and one answer at a time."""
        with self._process("cat-file", "--batch", piped=True) as process:
            questions, answers = process.stdin, _stdout(process)
            assert questions is not None
            for path, blob, size in wanted:
                with suppress(BrokenPipeError):
                    questions.write(f"{blob}\n".encode())
                    questions.flush()
                if answers.readline(_RECORD) != f"{blob} blob {size}\n".encode():
                    self._fail()
                content = answers.read(size + 1)
                if len(content) != size + 1:
                    self._fail()
                into.file(path, slices(memoryview(content)[:-1]))
            with suppress(BrokenPipeError):
                questions.close()

    @contextmanager
    def _process(self, *arguments: str, piped: bool = False) -> Iterator[subprocess.Popen[bytes]]:
        """A running git, watched; on leaving it has ended well or SubmissionRejected is raised; nothing still runs."""
        with self._errors.open("wb") as errors:
            process = subprocess.Popen(
                self._command(*arguments),
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._repository,
                env=self._environment(arguments[0]),
                start_new_session=True,
            )
        over = threading.Event()
        watchdog = threading.Thread(
            target=self._watch, args=(process.pid, over), daemon=True, name="grader-clone-watch"
        )
        try:
            _limit(process.pid, self._ceiling)
            watchdog.start()
            yield process
            _stdout(process).close()
            if process.wait() != 0:
                self._fail()
        finally:
            over.set()
            watchdog.join()
            _kill(process.pid)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()

    def _command(self, *arguments: str) -> list[str]:
        settings = [*_SETTINGS, *([f"http.curloptResolve={self._remote.pin}"] if self._remote.pin else [])]
        return [shutil.which("git") or "git", *(word for setting in settings for word in ("-c", setting)), *arguments]

    def _environment(self, command: str) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {
            **passed_on,
            **_ENVIRONMENT,
            "HOME": str(self._home),
            "GIT_DIR": str(self._repository),
            "GIT_ALLOW_PROTOCOL": self._remote.protocol if command == "fetch" else "none",
        }

    def _watch(self, pid: int, over: threading.Event) -> None:
        while not over.wait(_POLL):
            if time.monotonic() > self._deadline:
                self._broken = "time"
            elif self._is_full():
                self._broken = "size"
            if self._broken:
                _kill(pid)
                return

    def _is_full(self) -> bool:
        return _disk_use(self._repository) >= self._ceiling

    def _fail(self) -> NoReturn:
        """Say why git did not do it, in our words: its own may repeat what an address or a server holds."""
        where = self._remote.shown
        if self._broken == "time":
            reject(
                "Fetching the repository takes too long.", where=where, fix="Try again later, or hand in an archive."
            )
        if self._broken == "size" or self._is_full():
            reject(f"{_SIZE[:-1]}: more than {megabytes(self._ceiling)}.", where=where, fix=LEAVE_OUT)
        errors = self._errors.read_bytes()[:_RECORD].decode(errors="replace")
        for pattern, message, fix in _TROUBLES:
            if re.search(pattern, errors, re.IGNORECASE):
                reject(message, where=where, fix=fix)
        reject("The repository could not be fetched.", where=where, fix="Check the address, or hand in an archive.")


def _entry(record: bytes) -> tuple[str, str, str, str, int]:
    """Mode, type, name, object id and size (0 for what is no blob) of one `ls-tree -l` record."""
    head, _, raw = record.partition(b"\t")
    mode, kind, blob, size = head.decode("ascii").split()
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        reject("A file name is not valid UTF-8.", where=raw.decode("latin-1"), fix="Rename it.")
    return mode, kind, name, blob, int(size) if size.isdigit() else 0


def _records(stream: IO[bytes]) -> Iterator[bytes]:
    """NUL-ended records as they come; the listing of a tree bomb has no end, so the caller may stop at any time."""
    rest = b""
    while piece := stream.read(_RECORD):
        *records, rest = (rest + piece).split(b"\0")
        yield from records
        if len(rest) > _RECORD:
            reject("A path is far too long.", fix="Use shorter names.")


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def _limit(pid: int, largest_file: int) -> None:
    """Kernel limits behind the watchdog, which only looks now and then: bytes of one file, bytes of memory."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest_file, largest_file))
            resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _kill(pid: int) -> None:
    """End git and every helper it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _disk_use(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total
