"""Images of the service itself, which docker-compose.yml names: `grader images --service` builds them.

Two steps, like the sandboxes: an environment tagged by its content, and Grader's own files on top. Database and queue
are built only for machines that no registry answers; docker-compose.yml can name other images for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.context import build_context, install_wheels
from grader.sandbox.docker import Engine
from grader.sandbox.images import Progress, base_image
from grader.sandbox.recipe import BASE_TAG

APP_TAG = "grader/app:local"
SERVERS = {"postgres": "grader/postgres:local", "queue": "grader/queue:local"}
_PARTS = ("grader", "rubrics", "sandboxes")
_LEFT_OUT = {"__pycache__", "node_modules"}


def build_service(project: Path, progress: Progress = print, engine: Engine | None = None) -> None:
    """Build what is missing or out of date from the project's folder. Raises SandboxError."""
    deploy = project / "deploy"
    if not deploy.is_dir():
        raise SandboxError(f"{project} has no folder deploy: build the service's images in a checkout of the project.")
    engine = engine or Engine()
    base = base_image(engine, progress)
    for name, tag in SERVERS.items():
        engine.tag(_Environment(f"grader/{name}", _files(deploy / name)).build(engine, base, progress), tag)
    app = _Environment(
        "grader/app",
        {"Dockerfile": (deploy / "app" / "Dockerfile").read_bytes()},
        (project / "requirements" / "service.txt").read_bytes(),
    )
    environment = app.build(engine, base, progress)
    progress(f"building {APP_TAG}")
    with build_context(_program(project)) as context:
        engine.build(context, APP_TAG, {"BASE": environment})


@dataclass(frozen=True)
class _Environment:
    """What a Dockerfile makes of the base with Debian's packages and, of these requirements, wheels."""

    name: str
    files: Mapping[str, bytes]
    requirements: bytes = b""

    def build(self, engine: Engine, base: str, progress: Progress) -> str:
        """Its tag; it is built when there is none of that content."""
        tag = f"{self.name}:env-{_digest({**self.files, 'requirements': self.requirements, 'base': base.encode()})}"
        if engine.image_id(tag) is None:
            progress(f"building {tag}")
            packages = install_wheels(self.requirements, programs=True) if self.requirements else None
            with build_context(self.files, packages) as context:
                engine.build(context, tag, {"BASE": BASE_TAG}, network=True)
        return tag


def _program(project: Path) -> dict[str, bytes]:
    """The build context of the app's image: what the running service needs of the project, below grader/."""
    app = project / "deploy" / "app"
    context = {
        "Dockerfile": (app / "program.Dockerfile").read_bytes(),
        "grader/healthy.py": (app / "healthy.py").read_bytes(),
    }
    for part in _PARTS:
        for path in sorted((project / part).rglob("*")):
            below = path.relative_to(project)
            if path.is_file() and not _LEFT_OUT & set(below.parts):
                context[f"grader/{below.as_posix()}"] = path.read_bytes()
    return context


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
