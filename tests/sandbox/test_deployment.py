"""Images of the service: what goes into them. That they work is tested where docker-compose.yml is brought up."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path
from typing import cast

import pytest

from grader.errors import SandboxError
from grader.sandbox.context import build_context
from grader.sandbox.deployment import APP_TAG, SERVERS, _program, build_service
from grader.sandbox.docker import Engine

ROOT = Path(__file__).parents[2]


def test_the_app_has_what_it_runs_and_nothing_of_the_machine_it_was_built_on() -> None:
    files = _program(ROOT)
    assert {"Dockerfile", "grader/healthy.py", "grader/grader/cli/main.py", "grader/grader/web/static/app.js"} <= set(
        files
    )
    assert {"grader/rubrics/linear-model/rubric.yaml", "grader/sandboxes/python/Dockerfile"} <= set(files)
    assert not [name for name in files if "__pycache__" in name or "/tests/deploy" in name or ".env" in name]
    assert not [name for name in files if name.startswith(("grader/var", "grader/deploy", "grader/.git"))]


def test_compose_names_the_images_that_are_built() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert set(re.findall(r"\$\{GRADER_\w*IMAGE:-([^}]+)\}", text)) == {APP_TAG, *SERVERS.values()}


def test_the_service_is_built_only_in_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="checkout"):
        build_service(tmp_path, engine=cast(Engine, None))


def test_programs_of_packages_can_be_run_in_the_image_and_nothing_else_can(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "tool").chmod(0o4755)
    (tmp_path / "text.py").write_text("")
    with (
        build_context({"Dockerfile": b"FROM x"}, tmp_path) as context,
        tarfile.open(fileobj=io.BytesIO(context.read())) as tar,
    ):
        modes = {member.name: member.mode for member in tar if member.isfile()}
    assert modes == {"Dockerfile": 0o644, "site-packages/bin/tool": 0o755, "site-packages/text.py": 0o644}


def test_what_the_service_installs_is_what_the_tests_have() -> None:
    """Both files are made by `make lock`."""

    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text("utf-8")
        return set(re.findall(r"^([a-z0-9._-]+==[^ ;\\]+)", text, re.MULTILINE))

    assert pins("service.txt")
    assert pins("service.txt") <= pins("dev.txt")
