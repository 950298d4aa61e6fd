"""Real Docker and real databases for every test that asks for them.

A test that uses `database_url` runs on SQLite and on PostgreSQL; GRADER_TEST_DATABASES names fewer of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import Cluster, binaries
from playwright.sync_api import Browser, sync_playwright

from grader.errors import SandboxError
from grader.sandbox.docker import DockerSandbox, Engine
from grader.sandbox.images import build_all

SANDBOXES = Path(__file__).parents[1] / "sandboxes"
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
DATABASES = os.environ.get("GRADER_TEST_DATABASES", "sqlite,postgresql").split(",")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed browser, one for all tests: Playwright cannot be started twice in a thread.

    Without: a skip on a person's machine, a failure in CI.
    """
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        reason = "there is no Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(f"CI needs it: {reason}")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def docker_sandbox() -> Iterator[DockerSandbox]:
    """Docker with images up to date. Without Docker: a skip on a person's machine, a failure in CI."""
    try:
        engine = Engine()
    except SandboxError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs Docker: {error}")
        pytest.skip(str(error))
    images = build_all(SANDBOXES, lambda _: None, engine)
    sandbox = DockerSandbox(SANDBOXES, owner="tests", engine=engine)
    sandbox._ids.update(images)  # also when somebody edits the programs while the tests run
    yield sandbox
    left = engine.api.containers(all=True, filters={"label": f"grader.boot={sandbox.boot}"})
    engine.close()
    assert not left, "tests left containers behind"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL of these tests' own. Without its programs: a skip on a person's machine, a failure in CI."""
    folder = binaries()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs PostgreSQL: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    cluster = Cluster(folder)
    yield cluster
    cluster.stop()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """For `Settings.database_url`: a database at the newest schema. Empty for SQLite, which is made at its use."""
    if request.param == "sqlite":
        yield ""
        return
    cluster = request.getfixturevalue("cluster")
    url = cluster.migrated()
    yield url
    cluster.drop(url)


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same without any table."""
    if request.param == "sqlite":
        yield ""
        return
    cluster = request.getfixturevalue("cluster")
    url = cluster.empty()
    yield url
    cluster.drop(url)
