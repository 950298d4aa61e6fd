"""Images: tags that follow from content, quick when nothing changed, built without a network."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_backends import MIB, SANDBOXES, SPEC, Backend, told

from grader.errors import SandboxError
from grader.sandbox.docker import DockerSandbox, Engine
from grader.sandbox.doctor import facts
from grader.sandbox.images import build_all
from grader.sandbox.recipe import BASE_TAG, Recipe, find_recipe, find_recipes, program_files

ROOT = SANDBOXES.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one sandbox's folder."""
    shutil.copytree(SANDBOXES / "python-ml", tmp_path / "sandboxes" / "copy")
    return tmp_path / "sandboxes" / "copy"


@pytest.mark.parametrize("changed", ["Dockerfile", "requirements.txt", "image.yaml", "extra/data.txt"])
def test_a_change_of_content_changes_the_tag(folder: Path, changed: str) -> None:
    before = Recipe(folder).tag("sha256:base")
    path = folder / changed
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("\n# more\n")
    assert Recipe(folder).tag("sha256:base") != before


def test_a_change_of_base_changes_the_tag_and_a_touch_does_not(folder: Path) -> None:
    before = Recipe(folder).tag("sha256:base")
    (folder / "requirements.in").write_text("other")
    (folder / "Dockerfile").touch()
    assert Recipe(folder).tag("sha256:base") == before
    assert Recipe(folder).tag("sha256:other") != before


def test_a_change_of_image_yaml_keeps_the_packages(folder: Path) -> None:
    before = Recipe(folder).environment_tag("sha256:base")
    (folder / "image.yaml").write_text("description: other\n")
    assert Recipe(folder).environment_tag("sha256:base") == before


def test_what_runs_beside_student_code_is_copied_and_the_rest_is_not() -> None:
    files = program_files()
    assert {"run.py", "grader/__init__.py", "grader/exam/__init__.py"} <= set(files)
    assert not {name for name in files if "pipeline" in name or "broker" in name or "docker" in name}


def test_the_three_sandboxes_describe_themselves() -> None:
    recipes = find_recipes(SANDBOXES)
    assert [recipe.name for recipe in recipes] == ["examiner", "python", "python-ml"]
    assert all(recipe.info().description for recipe in recipes)


@pytest.mark.parametrize("text", ["preload: [numpy]", "description: [", "description: x\nsurprise: 1", ""])
def test_a_wrong_image_yaml_is_named(folder: Path, text: str) -> None:
    (folder / "image.yaml").write_text(text)
    with pytest.raises(SandboxError, match=r"image\.yaml"):
        Recipe(folder).info()


@pytest.mark.parametrize("name", ["absent", "..", "."])
def test_a_name_that_is_no_sandbox_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="found: examiner, python, python-ml"):
        find_recipe(SANDBOXES, name)


def test_nothing_is_built_when_nothing_changed(docker_sandbox: DockerSandbox) -> None:
    build_all(SANDBOXES, lambda _: None)
    said: list[str] = []
    before = time.monotonic()
    images = build_all(SANDBOXES, said.append)
    assert time.monotonic() - before < 1
    assert said == []
    assert set(images) == {"examiner", "python", "python-ml"}


@pytest.fixture
def tiny(tmp_path: Path, docker_sandbox: DockerSandbox) -> Iterator[Path]:
    """A sandbox of its own, whose images are removed afterwards."""
    folder = tmp_path / "sandboxes" / "tiny-test"
    folder.mkdir(parents=True)
    (folder / "image.yaml").write_text("description: a test\npreload: [json, decimal]\n")
    (folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nCOPY note.txt /opt/note.txt\n")
    (folder / "note.txt").write_text("kept")
    yield folder
    for image in docker_sandbox.engine.api.images("grader/tiny-test"):
        for tag in image["RepoTags"]:
            docker_sandbox.engine.api.remove_image(tag, force=True)


def test_a_new_sandbox_is_a_folder(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    images = build_all(tiny.parent, lambda _: None, docker_sandbox.engine)
    backend = Backend("docker", DockerSandbox(tiny.parent, engine=docker_sandbox.engine))
    code = "import json, os; print(json.dumps([open('/opt/note.txt').read(), os.environ['GRADER_PRELOAD']]))"
    assert told(backend, code, image="tiny-test") == ["kept", "json,decimal"]
    container = backend.start("", image="tiny-test")
    assert container.image_id == images["tiny-test"]
    container.end()


def test_a_build_has_no_network(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    program = "import socket; print([name for _, name in socket.if_nameindex()] == ['lo'] or 1 / 0)"
    (tiny / "Dockerfile").write_text(f'ARG BASE\nFROM ${{BASE}}\nRUN python3 -c "{program}"\n')
    build_all(tiny.parent, lambda _: None, docker_sandbox.engine)


def test_a_build_that_fails_shows_its_last_lines(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    (tiny / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nRUN echo because && exit 7\n")
    with pytest.raises(SandboxError, match=r"(?s)Cannot build grader/tiny-test.*because.*7"):
        build_all(tiny.parent, lambda _: None, docker_sandbox.engine)


def test_requirements_without_hashes_are_refused(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    (tiny / "requirements.txt").write_text("iniconfig\n")
    with pytest.raises(SandboxError, match=r"(?s)pip cannot install the packages.*hash"):
        build_all(tiny.parent, lambda _: None, docker_sandbox.engine)


def test_a_sandbox_that_is_not_built_says_what_to_run(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    backend = Backend("docker", DockerSandbox(tiny.parent, engine=docker_sandbox.engine))
    with pytest.raises(SandboxError, match="make images"):
        backend.start("", image="tiny-test")


def test_without_docker_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxError, match=r"setup-docker\.sh"):
        Engine()
    [check] = facts(SANDBOXES)
    assert not check.ok
    assert "setup-docker.sh" in check.fix


def test_docker_over_a_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    with pytest.raises(SandboxError, match="Unix socket"):
        Engine()


def test_the_doctor_finds_every_limit_enforced(docker_sandbox: DockerSandbox) -> None:
    checks = {check.name: check for check in facts(SANDBOXES)}
    failed = [check for name, check in checks.items() if not check.ok and name != "disk"]
    assert failed == []
    assert {"docker", "storage", "image examiner", "limit memory", "limit processes", "limit seccomp"} <= set(checks)
    assert all(check.ok or check.fix for check in checks.values())


def test_the_doctor_reports_images_that_are_missing(tiny: Path, docker_sandbox: DockerSandbox) -> None:
    checks = {check.name: check for check in facts(tiny.parent)}
    assert not checks["image tiny-test"].ok
    assert "make images" in checks["image tiny-test"].fix
    assert not checks["probe"].ok


def test_setting_docker_up_again_is_quick_and_silent(docker_sandbox: DockerSandbox) -> None:
    done = subprocess.run([ROOT / "scripts" / "setup-docker.sh"], capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_base_holds_python_and_little_else(docker_sandbox: DockerSandbox) -> None:
    assert docker_sandbox.engine.image_id(BASE_TAG)
    code = "import json, os, sys; print(json.dumps([sys.version_info[:2], os.listdir('/var/lib/apt/lists')]))"
    result = told(Backend("docker", docker_sandbox), code, memory=SPEC.memory, disk=MIB)
    assert result == [[3, 11], []]
