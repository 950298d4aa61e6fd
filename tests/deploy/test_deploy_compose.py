"""docker-compose.yml brought up for real: from nothing to one graded submission, and gone again."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from grader.sandbox.docker import DockerSandbox, Engine

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
PARTS = {"web", "work", "launcher", "issuer", "migrate", "database", "queue"}


@dataclass(frozen=True)
class Service:
    """A service of this test's own."""

    url: str
    project: str
    environment: dict[str, str]
    engine: Engine

    def compose(self, *arguments: str, check: bool = True) -> str:
        command = [str(ROOT / "scripts" / "compose.sh"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout

    def shell(self, line: str, folder: Path) -> None:
        """Run a line as an operator types it, with files in `folder`."""
        there = line.replace("scripts/compose.sh", str(ROOT / "scripts" / "compose.sh"))
        command = ["sh", "-c", there]
        done = subprocess.run(
            command, env=self.environment, cwd=folder, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def ask(self, query: str) -> str:
        """What PostgreSQL answers."""
        return self.compose("exec", "-T", "database", "psql", "-U", "grader", "-At", "-c", query).strip()

    def containers(self) -> dict[str, dict[str, Any]]:
        label = {"label": f"com.docker.compose.project={self.project}"}
        found = self.engine.api.containers(all=True, filters=label)
        return {
            one["Labels"]["com.docker.compose.service"]: self.engine.api.inspect_container(one["Id"]) for one in found
        }

    def left(self) -> list[str]:
        label = {"label": f"com.docker.compose.project={self.project}"}
        volumes = self.engine.api.volumes(filters=label)["Volumes"] or []
        networks = self.engine.api.networks(filters=label)
        return [*self.containers(), *(one["Name"] for one in [*volumes, *networks])]


def wait_until(condition: Callable[[], bool], service: Service) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"not after {SECONDS:.0f} s:\n{service.compose('logs', '--tail', '40', check=False)}")
        time.sleep(0.2)


def has_compose() -> bool:
    if shutil.which("docker-compose"):
        return True
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def service(docker_sandbox: DockerSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if not has_compose():
        if os.environ.get("CI"):
            pytest.fail("CI needs docker-compose: apt-get install docker-compose")
        pytest.skip("docker compose is not installed: apt-get install docker-compose")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "COMPOSE_"))}
    secrets = tmp_path_factory.mktemp("compose") / "secrets"
    project = f"gradertest{os.getpid()}"
    own = {"COMPOSE_PROJECT_NAME": project, "GRADER_BIND": bind, "GRADER_SECRETS": str(secrets), "GRADER_DEMO": "true"}
    service = Service(f"http://{bind}", project, kept | own, docker_sandbox.engine)
    try:
        service.compose()
        yield service
    finally:
        service.compose("down", "--volumes", "--timeout", "20")
    assert not service.left()


def healthy(service: Service) -> bool:
    states = {name: one["State"] for name, one in service.containers().items()}
    waiting = {name for name, state in states.items() if state.get("Health", {}).get("Status") == "starting"}
    unwell = {name for name, state in states.items() if state.get("Health", {}).get("Status") == "unhealthy"}
    assert not unwell, service.compose("logs", "--tail", "40", *sorted(unwell))
    return not waiting - {"work"}  # looked at every 30 s only


@pytest.mark.timeout(600)
def test_every_part_starts_and_none_but_the_launcher_can_reach_docker(service: Service) -> None:
    wait_until(lambda: healthy(service), service)
    parts = service.containers()
    assert set(parts) == PARTS
    assert {name for name, one in parts.items() if not one["State"]["Running"]} == {"migrate"}
    assert parts["migrate"]["State"]["ExitCode"] == 0

    with_socket = {name for name, one in parts.items() if any("docker.sock" in str(m) for m in one["Mounts"])}
    assert with_socket == {"launcher"}
    with_keys = {name for name, one in parts.items() if any("/var/lib/issuer" in str(m) for m in one["Mounts"])}
    assert with_keys == {"issuer"}
    assert parts["launcher"]["HostConfig"]["NetworkMode"] == "none"
    published = {name for name, one in parts.items() if any(one["NetworkSettings"]["Ports"].values())}
    assert published == {"web"}
    for name, one in parts.items():
        host = one["HostConfig"]
        assert one["Config"]["User"] not in ("", "root", "0", "0:0"), name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        shown = " ".join(one["Config"]["Env"])
        assert not re.search(r"[0-9a-f]{64}", shown), f"{name} has a secret in its environment"


@pytest.mark.timeout(300)
def test_a_submission_is_graded_and_its_grade_is_in_postgresql(service: Service) -> None:
    assignment, token = _assignment_and_token(service)
    work = ROOT / "rubrics" / "linear-model" / "examples" / "unfinished"
    command = [sys.executable, "-m", "grader.cli", "submit", assignment, str(work)]
    done = subprocess.run(
        [*command, "--server", service.url, "--wait", "--json"],
        env=service.environment | {"GRADER_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr + service.compose("logs", "--tail", "60")
    assert json.loads(done.stdout)["state"] == "graded"
    assert service.ask("SELECT state, points FROM submissions") == "graded|41"
    service.compose("exec", "-T", "work", "python3", "/opt/grader/healthy.py", "work")


@pytest.mark.timeout(300)
def test_everything_comes_back_from_a_backup_as_the_operators_page_says(service: Service, tmp_path: Path) -> None:
    people = service.ask("SELECT string_agg(id, ' ' ORDER BY id) FROM people")
    keys = service.compose("exec", "-T", "issuer", "cat", "/var/lib/issuer/keys.json")
    saved, restored = (line for line in _documented() if "grader.tar.gz" in line)
    archive = tmp_path / "grader.tar.gz"
    service.shell(saved, tmp_path)
    service.compose("down", "--volumes", "--timeout", "20")
    assert not service.left()

    service.compose("up", "-d", "database")
    wait_until(lambda: service.containers()["database"]["State"]["Health"]["Status"] == "healthy", service)
    service.shell(restored, tmp_path)
    assert archive.exists()
    service.compose("up", "-d")
    wait_until(lambda: healthy(service), service)
    assert service.ask("SELECT string_agg(id, ' ' ORDER BY id) FROM people") == people
    assert service.ask("SELECT state, points FROM submissions") == "graded|41"
    assert service.compose("exec", "-T", "issuer", "cat", "/var/lib/issuer/keys.json") == keys


def _documented() -> list[str]:
    """The lines of the operators' page that call the script."""
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    return re.findall(r"^scripts/compose\.sh [^#\n]*", text, re.MULTILINE)


def _assignment_and_token(service: Service) -> tuple[str, str]:
    """What the demo's student has: an assignment, and a token that they make on their account page."""
    with requests.Session() as browser:
        browser.post(f"{service.url}/sign-in/demo", {"email": "student@demo.invalid"}, timeout=30).raise_for_status()
        form = {"token_name": "test", "scopes": ["read", "submit"], "days": "30"}
        page = browser.post(f"{service.url}/account/tokens", form, timeout=30).text
    token = re.search(r"grd_[\w-]{20,}", page)
    assert token, page
    with requests.Session() as program:
        program.headers["Authorization"] = f"Bearer {token[0]}"
        course = program.get(f"{service.url}/api/v1/courses", timeout=30).json()["items"][0]["id"]
        found = program.get(f"{service.url}/api/v1/courses/{course}/assignments", timeout=30).json()["items"]
    return next(one["id"] for one in found if one["title"] == "Fit a line, twice"), token[0]
