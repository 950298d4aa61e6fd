"""The process that judges: it holds the rubric's tests and no file of the student, and speaks to the broker alone.

One warm process may serve many exams: each runs in a fork of it.
"""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.exam import protocol
from grader.exam.protocol import Kind

OPTIONS = [
    "-q",
    "--tb=short",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:faulthandler",
    "--import-mode=prepend",
    "-o",
    "addopts=",
]
OPTIONS += ["--continue-on-collection-errors", "-o", "console_output_style=classic", "--color=no", "-c", os.devnull]


CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where a container reads its memory limit, with cgroup version 2 and 1."""
UNLIMITED = 1 << 60


class _Stub:
    """Stands for anything of a submission while tests are only listed; remembers whether anyone looked inside."""

    touched = False
    __test__ = False

    def __init__(self, name: Any, *_: Any, **__: Any) -> None:
        self.__name__ = name if isinstance(name, str) else "stub"

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("__", "pytest", "_pytest")):
            raise AttributeError(name)
        return _Stub(name)

    def __call__(self, *args: Any, **_: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else _Stub(self.__name__)

    def __iter__(self) -> Any:
        _Stub.touched = True
        return iter(())

    def __len__(self) -> int:
        _Stub.touched = True
        return 0

    def __getitem__(self, key: Any) -> Any:
        _Stub.touched = True
        return _Stub(self.__name__)


class _StubLink:
    """Answers every question with a stub, so that tests can be listed without any submission."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.trace = ("", "")
        self.crossed = ""
        self.gone = None
        self.busy = False
        self.trust: frozenset[str] = frozenset()
        self.deadline = 0.0
        self.collecting = False

    def load(self, name: str) -> None:
        return None

    def names(self, module: str) -> list[str]:
        _Stub.touched = True
        return []

    def module_get(self, module: str, name: str) -> Any:
        return _Stub(name)


def _pytest(exam: Any, link: Any, emit: Any, *, list_only: bool) -> None:
    import pytest

    from grader.exam import proxies
    from grader.exam.plugin import ExamPlugin

    proxies.connect(link)
    tests = str(exam.folder / "tests")
    sys.path.insert(0, tests)
    os.chdir(exam.folder)
    args = [*OPTIONS, f"--rootdir={exam.folder}", f"--confcutdir={exam.folder}", *exam.test_files]
    args += [f"--basetemp={tempfile.mkdtemp()}"] + (["--collect-only"] if list_only else [])
    sys.stdout = sys.stderr = said = io.StringIO()
    try:
        status = pytest.main(args, plugins=[ExamPlugin(exam, link, emit)])
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    if status == pytest.ExitCode.INTERNAL_ERROR and not list_only:
        raise RuntimeError(
            f"pytest failed: {said.getvalue()[-4000:]}"
        )  # ours: tests it never ran are no student's zero


def manifest(exam: Any) -> list[dict[str, Any]] | None:
    """The tests there are, listed in a fork without the submission; None when listing them needs it.

    What a test file computes from the submission while it is imported (a parametrisation over a student's list, say)
    cannot be known without it.
    """
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(source)
        _list_tests(exam, sink)
    os.close(sink)
    with os.fdopen(source, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else None


def _list_tests(exam: Any, sink: int) -> None:
    found: list[dict[str, Any]] = []
    broken: list[str] = []

    def emit(kind: str, data: dict[str, Any]) -> None:
        if kind == "collected":
            found.extend(data["tests"])
        elif kind == "broken":
            broken.append(data["id"])

    try:
        _pytest(exam, _StubLink(), emit, list_only=True)
        if not broken and not _Stub.touched and found:
            protocol.write_all(sink, json.dumps(found).encode())
    finally:
        os._exit(0)


def run(payload: bytes, send: Callable[[Kind, bytes], None], receive: Callable[[], tuple[int, bytes]]) -> None:
    """Run one exam: list the tests, run them, send verdicts."""
    from grader.exam.link import Link
    from grader.exam.plugin import Exam

    folder = Path(tempfile.mkdtemp(prefix="suite-")).resolve()
    exam = Exam(protocol.unpack_files(payload, folder), folder)
    tests = manifest(exam)
    if tests is not None:
        send(Kind.MANIFEST, json.dumps(tests).encode())

    def emit(kind: str, data: dict[str, Any]) -> None:
        if kind == "collected":
            if tests is None:
                send(Kind.MANIFEST, json.dumps(data["tests"]).encode())
            return
        kinds = {"started": Kind.STARTED, "executed": Kind.EXECUTED}
        send(kinds.get(kind, Kind.VERDICT), json.dumps(data).encode())

    link = Link(send, receive, exam.trust)
    try:
        _pytest(exam, link, emit, list_only=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    send(Kind.DONE, b"{}")


def main() -> None:
    """Serve exams read from standard input, each in a fork, until the stream ends."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    import pytest  # noqa: F401 (every exam needs it)

    protocol.preload(source)
    while True:
        try:
            kind, payload = protocol.read_frame(source)
        except EOFError:
            return
        if kind == Kind.EXAM:
            _fork(payload, source, sink)


def limit_memory(files: Sequence[Path] = CGROUP_LIMITS) -> None:
    """Stay below the container's memory: a test that takes too much meets a MemoryError, and the exam goes on."""
    found = [f.read_text().strip() for f in files if f.is_file()]
    allowed = min((int(text) for text in found if text.isdecimal()), default=0)
    if not 0 < allowed < UNLIMITED:
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = allowed * 9 // 10
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def _fork(payload: bytes, source: int, sink: int) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            limit_memory()
            run(payload, lambda k, p: protocol.write_frame(sink, k, p), lambda: protocol.read_frame(source))
            code = 0
        except BaseException:
            text = traceback.format_exc()[-8000:]
            protocol.write_frame(sink, Kind.DONE, json.dumps({"error": text}).encode())
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        text = f"the examiner's process ended by signal {os.WTERMSIG(status)}"
        protocol.write_frame(sink, Kind.DONE, json.dumps({"error": text}).encode())
