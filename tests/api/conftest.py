from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse
from world import Call, World, make_world

from grader.config import Settings
from grader.db import Database, migrate
from grader.queue import EmbeddedServer
from grader.web import create_app
from grader.web.services import services

DATABASES = os.environ.get("GRADER_TEST_DATABASES", "sqlite,postgresql").split(",")


@pytest.fixture(scope="module", params=DATABASES)
def settings(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Of one service for a module: a database and a queue of its own, in a folder with a short name."""
    home = Path(tempfile.mkdtemp(prefix="ga"))
    url = "" if request.param == "sqlite" else request.getfixturevalue("cluster").migrated()
    settings = Settings(
        home=home,
        rubrics=home / "rubrics",
        database_url=url,
        api_per_minute=1_000_000,
        _env_file=None,  # type: ignore[call-arg]
    )
    with EmbeddedServer(settings):
        yield settings
    if url:
        request.getfixturevalue("cluster").drop(url)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    migrate(settings)
    database = Database(settings.sqlalchemy_url)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def world(settings: Settings, database: Database) -> World:
    return make_world(settings, database)


@pytest.fixture(scope="module")
def app(settings: Settings, world: World) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["SUBMISSIONS_PER_MINUTE"] = 1_000_000
    yield app
    services(app).database.dispose()
    services(app).redis.close()


@pytest.fixture(scope="module")
def call(app: Flask, world: World) -> Call:
    """Calls the API with the token of somebody of the world: `call("student", "GET", "/me")`."""

    def make(who: str | None, method: str, path: str, **request: Any) -> TestResponse:
        headers = dict(request.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {world.tokens[who]}"
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **request)

    return make


@pytest.fixture(scope="module")
def server(settings: Settings, world: World) -> Iterator[str]:
    """Address of gunicorn with the world's database, as a deployment runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("home", "rubrics", "database_url", "api_per_minute")
    given = {f"GRADER_{name.upper()}": str(getattr(settings, name)) for name in names} | {"GRADER_LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "grader.cli", "web", "--bind", f"127.0.0.1:{port}"]
    log = settings.home / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | given, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, log)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, log: Path) -> None:
    for _ in range(200):
        try:
            if requests.get(f"{url}/healthz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(log.read_text())
