"""The folders of `sandboxes/` as image recipes: what is in them, and the tags that follow from it. Needs no Docker.

An image is made in two steps. The environment (`grader/python-ml:env-…`) is the folder's Dockerfile with its packages;
the programs (`grader/python-ml:…`) are Grader's files on top, so that a change of code rebuilds in about a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import grader
from grader.errors import SandboxError

BASE_TAG = "grader/base:bookworm-1"
"""Debian 12 with python3 and nothing else; the number rises when the way it is made changes."""

PROGRAM_DOCKERFILE = """\
ARG BASE
FROM ${BASE}
ARG PRELOAD
ENV GRADER_PRELOAD=${PRELOAD}
COPY opt/ /opt/
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/grader
"""
_HOST_SIDE = {"pipeline.py", "broker.py", "attached.py", "executed.py"}
_NOT_BUILT_IN = {"image.yaml", "requirements.in", "README.md"}


class ImageInfo(BaseModel):
    """`image.yaml`: what the image is for, and the modules a candidate imports before the submission arrives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    preload: list[str] = []


class Recipe:
    """One folder of `sandboxes/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @property
    def requirements(self) -> bytes:
        """requirements.txt, or nothing when the folder has none."""
        path = self.folder / "requirements.txt"
        return path.read_bytes() if path.exists() else b""

    def info(self) -> ImageInfo:
        """Read image.yaml. Raises SandboxError."""
        path = self.folder / "image.yaml"
        try:
            return ImageInfo.model_validate(YAML(typ="safe").load(path))
        except (OSError, YAMLError, ValidationError) as error:
            raise SandboxError(f"{path}: {error}") from error

    def context(self) -> dict[str, bytes]:
        """The files that the folder's Dockerfile sees, beside site-packages/."""
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.name not in _NOT_BUILT_IN)
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    def environment_tag(self, base_id: str) -> str:
        """Tag of the environment on this base image."""
        return f"grader/{self.name}:env-{_digest({**self.context(), 'base': base_id.encode()})}"

    def tag(self, base_id: str) -> str:
        """Tag of the finished image on this base image; it changes with everything that goes into it."""
        inputs = {
            **program_files(),
            "image.yaml": (self.folder / "image.yaml").read_bytes(),
            "environment": self.environment_tag(base_id).encode(),
            "Dockerfile": PROGRAM_DOCKERFILE.encode(),
        }
        return f"grader/{self.name}:{_digest(inputs)}"


def find_recipe(sandboxes: Path, name: str) -> Recipe:
    """The recipe called `name`. Raises SandboxError with the names there are."""
    folder = sandboxes / name
    if not (folder / "Dockerfile").is_file() or not (folder / "image.yaml").is_file():
        known = ", ".join(recipe.name for recipe in find_recipes(sandboxes)) or "none"
        raise SandboxError(
            f"no sandbox {name!r} in {sandboxes}: a sandbox is a folder with Dockerfile and image.yaml; found: {known}"
        )
    return Recipe(folder)


def find_recipes(sandboxes: Path) -> list[Recipe]:
    """Every folder with a Dockerfile, by name."""
    return [Recipe(path.parent) for path in sorted(sandboxes.glob("*/Dockerfile"))]


def program_files() -> dict[str, bytes]:
    """What every image holds in /opt/grader: run.py, and of the package what runs beside student code."""
    package = Path(grader.__file__).parent
    files = [package / "__init__.py", *sorted((package / "exam").glob("*.py"))]
    programs = {
        f"grader/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in files
        if path.name not in _HOST_SIDE
    }
    return {"run.py": (package / "sandbox" / "run.py").read_bytes(), **programs}


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
