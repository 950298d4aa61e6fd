"""Real Docker for every test that asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox.docker import DockerSandbox, Engine
from grader.sandbox.images import build_all

SANDBOXES = Path(__file__).parents[1] / "sandboxes"


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
