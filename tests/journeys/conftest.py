"""The whole service as `grader serve` runs it, with the demo course, and a browser for whoever visits it."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect
from visiting import PATIENCE, PEOPLE, ROOT, Site, Visit

from grader.cli.processes import service
from grader.cli.seeding import seed_demo
from grader.config import Settings
from grader.db import migrate
from grader.queue import serving
from grader.sandbox.docker import DockerSandbox


@pytest.fixture(scope="session")
def site(docker_sandbox: DockerSandbox) -> Iterator[Site]:
    """Everything is in a folder with a short name, as sockets need it."""
    home = Path(tempfile.mkdtemp(prefix="gj"))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GRADER_")]:
            patch.delenv(name)
        patch.setenv("GRADER_DEMO", "true")
        settings = Settings(
            home=home, rubrics=ROOT / "rubrics", sandboxes=ROOT / "sandboxes", demo=True, _env_file=None
        )  # type: ignore[call-arg]
        migrate(settings)
        seed_demo(settings)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            bind = f"127.0.0.1:{probe.getsockname()[1]}"
        with (home / "log").open("wb") as log, serving(settings) as queue, service(settings, queue, bind, 1, log):
            yield Site(f"http://{bind}", home)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def chromium(chromium: Browser) -> Browser:
    """The one of all tests, with the patience that grading needs."""
    expect.set_options(timeout=PATIENCE)
    return chromium


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Visit]:
    """Opens a browser of its own for somebody: one of `PEOPLE`, signed in by the demo's button, or nobody.

    Whatever the browser complains about meanwhile (an error of a script, something the policy forbids, a part of a page
    that is not there, an answer of 500) fails the test.
    """
    contexts = []

    def open_page(who: str | None = None, *, width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id="Europe/Berlin",
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: _listen(site, message))
        page.on("pageerror", lambda error: site.complaints.append(str(error)))
        page.on("response", lambda response: _look(site, response))
        page.goto("/sign-in" if who else "/")
        if who:
            page.get_by_role("button", name=f"I am {PEOPLE[who]}").click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
        return page

    yield open_page
    for context in contexts:
        context.close()
    complaints, site.complaints = site.complaints, []
    assert not complaints


def _listen(site: Site, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
        site.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")


def _look(site: Site, response: Response) -> None:
    if response.status >= (500 if response.request.is_navigation_request() else 400):
        site.complaints.append(f"{response.status}: {response.request.method} {response.url}")
