"""`grader demo`: every shipped example through the whole service, and a cheat, against the points they must get."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import tempfile
import time
import uuid
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from grader.cli.awarding import Left, collect, review
from grader.cli.cheat import CHEAT
from grader.cli.check import as_expected, expectation
from grader.cli.grade import write_json
from grader.cli.places import find_settings, find_suite
from grader.cli.processes import Processes, service
from grader.cli.view import Watch, err, number, out, printable, say
from grader.config import Settings
from grader.db import Database, assignments, courses, migrate, people, suites, tokens
from grader.db.assignments import Rules
from grader.errors import BadInput, InfrastructureError
from grader.exam.pipeline import Progress
from grader.intake.receive import receive
from grader.intake.store import BlobStore
from grader.intake.tree import IntakeLimits, Tree
from grader.queue import serving
from grader.rubric import Example, Suite, load_examples
from grader.sandbox.images import build_all

FINAL = ("graded", "rejected", "failed")
SILENCE = 600.0
"""Seconds without any result after which something is broken."""
_MADE_HERE = (
    "reports", "badges", "status", "did.json", "issuer", "suites", "blobs", "queue", "grader.db", "grader.db-wal",
    "grader.db-shm", "service.log",
)  # fmt: skip
_LONGEST_HOME = 80
"""Bytes; a Unix socket in it must have a path of at most 103."""

_CHEAT = "always-equal"


@dataclass
class Entry:
    """One submission of the demo."""

    suite: Suite
    example: Example
    tree: Tree
    assignment: str = ""
    """Its id."""
    token: str = ""
    """Of the student who hands it in."""
    address: str = ""
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def report(self) -> dict[str, Any]:
        return self.answer.get("report") or {}

    @property
    def ok(self) -> bool:
        return self.answer.get("state") == "graded" and as_expected(self.example, self.report["points"])

    @property
    def seconds(self) -> float | None:
        timing = self.report.get("timing") or {}
        return timing["graded"] - timing["started"] if timing.get("graded") and timing.get("started") else None


def run(arguments: Namespace) -> int:
    """Grade them all; 0 when every result is as expected, else 1. Raises InfrastructureError."""
    project = find_settings()
    home = Path(arguments.home or project.home / "demo").absolute()
    entries = _entries(project, arguments.rubric)
    with _alone(home), _short(home) as short:
        settings = _settings(project, short)
        build_all(settings.sandboxes, say)
        _enrol(settings, entries)
        badges = _grade_all(settings, home, entries)
    out.print(_table(entries))
    wrong = sum(not entry.ok for entry in entries)
    _tell(home, entries, badges)
    verdict = f"{wrong} of {len(entries)} results differ" if wrong else f"all {len(entries)} results as expected"
    out.print(Text(verdict, style="red" if wrong else "green"))
    return 1 if wrong else 0


def _entries(settings: Settings, names: Sequence[str]) -> list[Entry]:
    names = names or sorted(path.parent.name for path in settings.rubrics.glob("*/rubric.yaml"))
    if not names:
        raise BadInput("there are no rubrics", where=str(settings.rubrics), fix="Set GRADER_RUBRICS to their folder.")
    entries = []
    for name in names:
        suite = find_suite(name, settings)
        limits = IntakeLimits(max_bytes=suite.rubric.submission.max_size)
        entries += [Entry(suite, example, receive(example.folder, limits)) for example in load_examples(suite)]
        if suite.rubric.id == "linear-model":
            cheat = Example(_CHEAT, Path(), points=0.0)
            entries.append(Entry(suite, cheat, Tree("repository", {"solution.py": CHEAT.encode()})))
    return entries


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder for this demo, and clear away what the last one left in it. Raises BadInput."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "demo.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput("another demo runs here", where=str(home), fix="Wait for it, or give --home.") from error
        for name in _MADE_HERE:
            path = home / name
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        (home / "reports").mkdir()
        yield


@contextlib.contextmanager
def _short(home: Path) -> Iterator[Path]:
    """The folder under a name that is short enough for sockets."""
    if len(os.fsencode(home)) <= _LONGEST_HOME:
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="gd") as folder:
        link = Path(folder, "home")
        link.symlink_to(home)
        yield link


def _settings(project: Settings, home: Path) -> Settings:
    """The project's rubrics and images with everything else in the demo's own folder."""
    own = {"home": home, "database_url": "", "redis_url": "", "blobs_url": "", "launcher": None, "demo": False}
    return project.model_copy(update=own)


def _enrol(settings: Settings, entries: Iterable[Entry]) -> None:
    """A course with an assignment for each suite, and for each submission a student: a newer one of the same student
    would take its place in the queue.
    """
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    try:
        with database.write() as session:
            teacher = people.add(session, email="teacher@demo.invalid", name="Demo Teacher", role="instructor").id
            course = courses.add(session, "Every shipped example", by=teacher).id
            used = {entry.suite.rubric.id: entry.suite for entry in entries}
            ids = {name: _publish(session, settings, suite, course, teacher) for name, suite in used.items()}
            for number, entry in enumerate(entries, 1):
                name = f"Student {number}"
                student = people.add(session, email=f"student{number}@demo.invalid", name=name, role="student")
                courses.enrol(session, course, student.id, "student", by=teacher)
                entry.assignment = ids[entry.suite.rubric.id]
                entry.token = tokens.add(session, student, name="demo", scopes=("read", "submit"), days=30)[1]
    finally:
        database.dispose()


def _publish(session: Session, settings: Settings, suite: Suite, course: str, teacher: str) -> str:
    """The id of a new assignment."""
    blobs = BlobStore(settings.blob_root)
    published = suites.publish(session, blobs, course_id=course, by=teacher, folder=suite.folder)
    made = assignments.create(session, published, Rules(suite.rubric.title), by=teacher)
    assignments.publish(session, made.id, by=teacher, published=True)
    return made.id


def _grade_all(settings: Settings, home: Path, entries: Sequence[Entry]) -> Sequence[Left]:
    port = _free_port()
    workers = max(1, min(2, os.cpu_count() or 1))
    log = home / "service.log"
    with log.open("ab") as output, serving(settings) as url:
        try:
            with service(settings, url, f"127.0.0.1:{port}", workers, output) as parts:
                say(f"the service runs on http://127.0.0.1:{port} with {workers} workers; its log is {log}")
                _Client(port).run(entries, home / "reports", parts)
                for entry in entries:
                    if entry.example.name == "reference" and entry.answer["state"] == "graded":
                        review(settings, entry.suite.rubric, entry.answer["id"])
                names = {str(entry.answer.get("id")): _name(entry).replace("/", "-") for entry in entries}
                return collect(settings, home, names, parts.check)
        except InfrastructureError as error:
            tail = log.read_text("utf-8", "replace").splitlines()[-15:]
            raise InfrastructureError("\n  ".join([str(error), *tail])) from error


def _tell(home: Path, entries: Sequence[Entry], badges: Sequence[Left]) -> None:
    """What is where, and how to look at it."""
    out.print(f"The reports are in {home / 'reports'}.")
    for entry in entries:
        if entry.example.name == _CHEAT:
            out.print(f"The cheat that agrees with everything got {_got(entry)} points, and no badge.")
    if not badges:
        return
    out.print(f"{len(badges)} badges are in {home / 'badges'}. One is verified, without any network, by")
    file = home / "badges" / f"{badges[0].name}.json"
    status = f"--status {home / 'status' / '1.json'} --status {home / 'status' / '1-suspension.json'}"
    out.print(f"  grader badge verify {file} --did {home / 'did.json'} {status}", soft_wrap=True)
    out.print(f"Their pages are there while this runs: GRADER_HOME={home} grader serve", soft_wrap=True)
    for badge in badges:
        out.print(f"  {badge.address}  {badge.name}", soft_wrap=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Client:
    """Hands in over the HTTP API, as a student's program would, and collects the results."""

    def __init__(self, port: int) -> None:
        self._port = port

    def run(self, entries: Sequence[Entry], reports: Path, parts: Processes) -> None:
        watch = Watch()
        waiting, running = list(entries), list[Entry]()
        done, news, next_try = 0, time.monotonic(), 0.0
        with watch.running():
            while waiting or running:
                parts.check()
                if waiting and time.monotonic() >= next_try:
                    pause = self._hand_in(waiting[0])
                    next_try = time.monotonic() + pause
                    if not pause:
                        running.append(waiting.pop(0))
                        continue
                for entry in self._finished(running):
                    running.remove(entry)
                    _keep(reports, entry)
                    done, news = done + 1, time.monotonic()
                    watch(Progress("testing", done, len(entries), _name(entry), entry.answer["state"]))
                    if not err.is_terminal:
                        say(f"{done}/{len(entries)} {_name(entry)}: {_got(entry)}")
                if time.monotonic() - news > SILENCE:
                    raise InfrastructureError(f"no result for {SILENCE:.0f} s; {len(running)} submissions are open")
                time.sleep(0.3)

    def _hand_in(self, entry: Entry) -> float:
        """Hand in; returns the seconds to wait before it may be tried again, 0 when it was taken."""
        body, kind = _form({"assignment": entry.assignment}, f"{entry.example.name}.tar", entry.tree.tar())
        status, headers, answer = self._request(
            "POST", "/api/v1/submissions", entry.token, body, {"Content-Type": kind}
        )
        if status == 429:
            return max(1.0, float(headers.get("Retry-After", "5")))
        if status != 202:
            raise InfrastructureError(f"handing in {_name(entry)} was answered with {status}: {answer}")
        entry.address = headers["Location"]
        return 0.0

    def _finished(self, entries: Iterable[Entry]) -> list[Entry]:
        found = []
        for entry in entries:
            status, _, answer = self._request("GET", entry.address, entry.token)
            if status == 200 and answer["state"] in FINAL:
                entry.answer = answer
                found.append(entry)
        return found

    def _request(
        self, method: str, path: str, token: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {token}"} | (headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), json.loads(response.read())
        except (OSError, ValueError) as error:
            raise InfrastructureError(f"the website does not answer to {method} {path}: {error}") from error
        finally:
            connection.close()


def _form(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A multipart form with one file, and its content type."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()]), (
        f"multipart/form-data; boundary={boundary}"
    )


def _keep(reports: Path, entry: Entry) -> None:
    write_json(reports / f"{_name(entry).replace('/', '-')}.json", entry.report or entry.answer)


def _name(entry: Entry) -> str:
    return f"{entry.suite.rubric.id}/{entry.example.name}"


def _got(entry: Entry) -> str:
    return number(entry.report["points"]) if entry.answer["state"] == "graded" else str(entry.answer["state"])


def _table(entries: Iterable[Entry]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in ("rubric", "submission", "expected", "got", "seconds", ""):
        table.add_column(title, justify="right" if title in ("expected", "got", "seconds") else "left")
    for entry in entries:
        word = (
            Text("ok", style="green")
            if entry.ok
            else Text(f"differs {printable(entry.answer.get('reason') or '')}", "red")
        )
        took = "" if entry.seconds is None else f"{entry.seconds:.1f}"
        rubric = entry.suite.rubric.id
        table.add_row(rubric, entry.example.name, expectation(entry.example), _got(entry), took, word)
    return table
