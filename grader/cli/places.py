"""Where the command finds settings, a suite, its sandbox and Docker, before anything is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import grader
from grader.config import Settings
from grader.errors import BadInput, RubricError, SandboxError
from grader.rubric import Suite, load_suite
from grader.sandbox.docker import DockerSandbox, Engine
from grader.sandbox.images import build_all
from grader.sandbox.recipe import find_recipes

PROJECT = Path(grader.__file__).resolve().parents[1]


def find_settings() -> Settings:
    """The settings. Folders that nobody named are the project's own, so that the command works from everywhere."""
    settings = Settings()
    if not (PROJECT / "sandboxes").is_dir():
        return settings  # installed without its project: the current folder is as good as any
    unset = {"home", "rubrics", "sandboxes"} - settings.model_fields_set
    return settings.model_copy(update={name: PROJECT / getattr(settings, name) for name in unset})


def find_suite(folder: str, settings: Settings) -> Suite:
    """Load a suite by its folder, or by its name in the rubrics folder. Raises RubricError."""
    path = Path(folder)
    if not path.exists() and len(path.parts) == 1 and (settings.rubrics / folder).is_dir():
        path = settings.rubrics / folder
    if path.is_file() and path.name == "rubric.yaml":
        path = path.parent
    if not path.is_dir():
        known = ", ".join(sorted(found.parent.name for found in settings.rubrics.glob("*/rubric.yaml"))) or "none"
        raise RubricError(
            "there is no such folder",
            where=folder,
            fix=f"Name a folder that holds a rubric.yaml; known by name: {known}.",
        )
    suite = load_suite(path)
    _check_sandbox(suite, settings)
    return suite


def _check_sandbox(suite: Suite, settings: Settings) -> None:
    recipes = [recipe.name for recipe in find_recipes(settings.sandboxes)]
    if not recipes:
        raise BadInput(
            "there are no sandboxes here", where=str(settings.sandboxes), fix="Set GRADER_SANDBOXES to their folder."
        )
    usable = [name for name in recipes if name != "examiner"]
    if suite.rubric.sandbox in usable:
        return
    lines = (suite.folder / "rubric.yaml").read_text("utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.startswith("sandbox:")), 1)
    problem = (
        f"rubric.yaml:{line}:1: sandbox: there is no sandbox {suite.rubric.sandbox!r}; there are {', '.join(usable)}"
    )
    raise RubricError("the suite has a problem", where=str(suite.folder), problems=[problem])


@contextlib.contextmanager
def docker_sandbox(settings: Settings, tell: Callable[[str], None]) -> Iterator[DockerSandbox]:
    """Docker with every image up to date; `tell` hears what is being built. Raises SandboxError."""
    engine = Engine()
    try:
        images = build_all(settings.sandboxes, tell, engine)
        sandbox = DockerSandbox(settings.sandboxes, runtime=settings.docker_runtime, engine=engine, images=images)
        with contextlib.suppress(SandboxError):
            sandbox.reap()  # what an earlier command left that was killed
        yield sandbox
    finally:
        engine.close()
