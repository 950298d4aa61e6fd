"""A real browser, and a server that notes who calls it."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from werkzeug.serving import make_server

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--no-default-browser-check", "--hide-scrollbars",
    "--enable-logging=stderr", "--virtual-time-budget=3000",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A page after its scripts ran: its HTML, its title and what the browser says on its console."""

    dom: str
    log: str

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.dom, re.DOTALL)
        return html.unescape(found[1]) if found else ""


@dataclass
class Canary:
    """Every path that was asked for."""

    url: str = ""
    calls: list[str] = field(default_factory=list)


class Chromium:
    """Debian's Chromium without a window, with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        self._program = program
        self._profile = profile

    def open(self, url: str) -> Seen:
        done = self.run("--dump-dom", url)
        return Seen(done.stdout, done.stderr)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._program, *FLAGS, f"--user-data-dir={self._profile}", *arguments]
        environment = {"HOME": str(self._profile), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment)


def find_chromium(profile: Path) -> Chromium:
    """Skips without one on a person's machine, fails in CI."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        reason = "there is no Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(f"CI needs it: {reason}")
        pytest.skip(reason)
    return Chromium(program, profile)


@contextmanager
def serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05} if hasattr(server, "RequestHandlerClass") else {}
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def canary() -> Iterator[Canary]:
    found = Canary()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.calls.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, serving(server):
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield found


@contextmanager
def website(app: WSGIApplication) -> Iterator[str]:
    """The address of an application that is served for real."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


Open = Callable[[str], Seen]
