"""`grader submit`: hand in to a Grader server over its API, and wait for the result if asked to."""

from __future__ import annotations

import contextlib
import getpass
import io
import json
import os
import sys
import time
import uuid
import zipfile
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

import requests

from grader import __version__
from grader.cli.grade import STATUS, dump
from grader.cli.view import Watch, err, number, out, printable, report_view, say
from grader.errors import BadInput, InfrastructureError
from grader.exam.pipeline import Progress
from grader.intake import IntakeLimits, read_folder
from grader.intake.tree import MIB
from grader.rubric import Report

SECONDS = 30
"""Of silence before a connection is given up."""
TRIES = 3
LIMITS = IntakeLimits(max_bytes=500 * MIB)
"""Of a folder; the server's own are smaller, and its answer says what they are."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_STAGES = ("intake", "starting", "collecting", "testing", "scoring", "done")


def run(arguments: Namespace) -> int:
    """Hand in, show, wait; the exit status is that of `grade`. Raises BadInput when the server refuses."""
    server = Server(arguments.server, _token())
    with server:
        submission = server.hand_in(arguments.assignment, arguments.submission)
        say(f"handed in: {server.url}{submission['links']['page']}")
        if arguments.wait:
            submission = _wait(server, submission)
    _show(submission, as_json=arguments.json)
    return STATUS.get(submission["state"], 0 if submission["state"] != "cancelled" else 2)


class Server:
    """The API of one server, asked with one token."""

    def __init__(self, url: str, token: str) -> None:
        """Raises BadInput for an address to which no token may be sent."""
        self.url = _checked(url)
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}", "User-Agent": f"grader/{__version__}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def hand_in(self, assignment: str, source: str) -> dict[str, Any]:
        """The new submission. One key names all tries, so that a broken line never makes two of them."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if source.startswith("https://"):
            body: dict[str, Any] = {"json": {"assignment": assignment, "git_url": source}}
            return self._json("POST", "/api/v1/submissions", headers=headers, **body)
        name, content = _packed(Path(source))
        form = {"data": {"assignment": assignment}, "files": {"file": (name, content)}}
        return self._json("POST", "/api/v1/submissions", headers=headers, **form)

    def show(self, submission: dict[str, Any]) -> dict[str, Any]:
        return self._json("GET", submission["links"]["self"])

    def events(self, submission: dict[str, Any], last_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Name, id and data of what happens to a submission, until the connection ends."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        url = f"{self.url}{submission['links']['events']}"
        with self._session.get(url, headers=headers, stream=True, timeout=SECONDS, allow_redirects=False) as response:
            if response.status_code != 200:
                return
            event: dict[str, str] = {}
            for line in response.iter_lines(chunk_size=1, decode_unicode=True):
                key, _, value = line.partition(": ")
                if key in ("event", "id", "data"):
                    event[key] = value
                elif not line and "data" in event:
                    yield event.get("event", ""), event.get("id", ""), json.loads(event["data"])
                    event = {}

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        for attempt in range(TRIES):
            try:
                response = self._session.request(
                    method, f"{self.url}{path}", timeout=SECONDS, allow_redirects=False, **request
                )
            except requests.ConnectionError as error:
                if attempt == TRIES - 1:
                    raise InfrastructureError(f"{self.url} does not answer: {_reason(error)}") from error
                time.sleep(1 + attempt)
                continue
            except requests.RequestException as error:
                raise InfrastructureError(f"{self.url}: {_reason(error)}") from error
            if response.status_code == 429 and attempt < TRIES - 1:
                time.sleep(min(60, int(response.headers.get("Retry-After", "5"))))
                continue
            return _answer(response)
        raise InfrastructureError(f"{self.url} is busy")


def _answer(response: requests.Response) -> dict[str, Any]:
    """The body. Raises BadInput or InfrastructureError with what the server says is wrong."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise BadInput(
            f"The server answers {response.status_code} and no JSON.",
            where=response.url,
            fix="Is this a Grader server?",
        )
    if 200 <= response.status_code < 300:
        return body
    detail, fix = str(body.get("detail", "")), str(body.get("fix", ""))
    if response.status_code >= 500:
        raise InfrastructureError(detail or f"the server answers {response.status_code}")
    raise BadInput(detail or f"The server answers {response.status_code}.", where=str(body.get("where", "")), fix=fix)


def _wait(server: Server, submission: dict[str, Any]) -> dict[str, Any]:
    """The submission once its grading has ended. A stream that breaks is taken up again where it was."""
    watch, last_id = Watch(), ""
    with watch.running():
        while True:
            with contextlib.suppress(requests.RequestException):
                for name, event_id, data in server.events(submission, last_id):
                    last_id = event_id or last_id
                    _tell(watch, name, data)
                    if name == "done":
                        break
            submission = server.show(submission)
            if submission["finished_at"] is not None:
                return submission
            time.sleep(1)


def _tell(watch: Watch, name: str, data: dict[str, Any]) -> None:
    if name == "state" and data.get("place"):
        watch.tell(f"waiting, place {data['place']}")
    elif name == "progress" and data.get("stage") in _STAGES:
        known = {key: data[key] for key in ("done", "total", "test", "status") if data.get(key) is not None}
        watch(Progress(data["stage"], **known))


def _show(submission: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(dump(submission))
        return
    if submission["report"] is not None:
        out.print(report_view(Report.model_validate(submission["report"])))
        return
    if submission["reason"]:
        err.print(printable("\n".join(filter(None, (submission["reason"], submission["where"], submission["fix"])))))
    place = f", place {number(submission['place'])} in the queue" if submission["place"] else ""
    out.print(f"{submission['id']}: {submission['state']}{place}")


def _packed(path: Path) -> tuple[str, bytes]:
    """Name and bytes of what to send: a file as it is, a folder as an archive of what would be graded."""
    if path.is_file():
        return path.name, path.read_bytes()
    if not path.is_dir():
        raise BadInput(
            "There is no such file or folder.", where=str(path), fix="Check the path, or give an https:// address."
        )
    tree = read_folder(path, LIMITS)
    for note in tree.notes:
        say(note)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(tree.files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    say(f"{len(tree.files)} files, {len(packed.getvalue()) / MIB:.2g} MiB packed")
    return f"{path.resolve().name or 'work'}.zip", packed.getvalue()


def _token() -> str:
    token = os.environ.get("GRADER_TOKEN", "").strip()
    if not token and sys.stdin.isatty():
        token = getpass.getpass("API token (made on your account page): ").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise BadInput(
            "There is no API token.",
            where="GRADER_TOKEN",
            fix="Make one with the scopes read and submit on your account page.",
        )
    return token


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        _no_server(url, "This is no address.")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or "@" in parts.netloc:
        _no_server(url, "This is no address of a server.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        _no_server(url, "A token is not sent over http, where everybody on the way can read it.")
    return url.rstrip("/")


def _no_server(url: str, message: str) -> NoReturn:
    raise BadInput(message, where=f"--server {url}", fix="Give it as https://grader.example.edu")


def _reason(error: Exception) -> str:
    """The innermost cause, which is what went wrong."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error) or type(error).__name__
