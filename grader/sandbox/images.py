"""Builds the container images: `python -m grader.sandbox.images [SANDBOXES]`. What is up to date is left alone.

The builds have no network. Packages are installed on the host with pip, by hash and from wheels only, and copied in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.context import build_context, install_wheels, run
from grader.sandbox.docker import Engine
from grader.sandbox.recipe import BASE_TAG, PROGRAM_DOCKERFILE, Recipe, find_recipes, program_files

Progress = Callable[[str], None]

_REGISTRY_BASE = "debian:bookworm-slim"
_BASE_DOCKERFILE = f"""\
FROM {_REGISTRY_BASE}
RUN apt-get update \\
 && apt-get install -y --no-install-recommends python3 \\
 && ln -sf /usr/bin/python3 /usr/local/bin/python \\
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* /usr/share/doc/* /usr/share/man/* \\
 && find / -xdev -perm /6000 -type f -exec chmod a-s {{}} +
"""
_LEFT_OUT = [
    "./dev/*",
    "./proc/*",
    "./sys/*",
    "./tmp/*",
    "./usr/share/doc/*",
    "./usr/share/info/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./var/cache/apt/*",
    "./var/cache/debconf/*",
    "./var/lib/apt/lists/*",
    "./var/log/*",
]


def build_all(sandboxes: Path, progress: Progress = print, engine: Engine | None = None) -> dict[str, str]:
    """Build what is missing or out of date; returns the image id of every sandbox. Raises SandboxError."""
    engine = engine or Engine()
    recipes = find_recipes(sandboxes)
    if not recipes:
        raise SandboxError(f"no sandboxes in {sandboxes}: each is a folder with Dockerfile and image.yaml")
    base = base_image(engine, progress)
    return {recipe.name: _build(engine, recipe, base, progress) for recipe in recipes}


def base_image(engine: Engine, progress: Progress) -> str:
    """The id of the image that all others are made from; it is made when it is missing. Raises SandboxError."""
    return engine.image_id(BASE_TAG) or _build_base(engine, progress)


def _build(engine: Engine, recipe: Recipe, base: str, progress: Progress) -> str:
    tag = recipe.tag(base)
    if found := engine.image_id(tag):
        return found
    environment = recipe.environment_tag(base)
    if engine.image_id(environment) is None:
        progress(f"building the packages of {recipe.name}")
        _build_environment(engine, recipe, environment)
    progress(f"building {tag}")
    files = {f"opt/grader/{name}": content for name, content in program_files().items()}
    arguments = {"BASE": environment, "PRELOAD": ",".join(recipe.info().preload)}
    with build_context({"Dockerfile": PROGRAM_DOCKERFILE.encode(), **files}) as context:
        return engine.build(context, tag, arguments)


def _build_environment(engine: Engine, recipe: Recipe, tag: str) -> str:
    packages = install_wheels(recipe.requirements) if recipe.requirements.strip() else None
    with build_context(recipe.context(), packages) as context:
        # Named by its tag, since a builder may want to pull what is named by an id alone.
        return engine.build(context, tag, {"BASE": BASE_TAG})


def _build_base(engine: Engine, progress: Progress) -> str:
    progress(f"building {BASE_TAG}")
    if engine.pull(_REGISTRY_BASE):
        with build_context({"Dockerfile": _BASE_DOCKERFILE.encode()}) as context:
            return engine.build(context, BASE_TAG, {}, network=True)
    progress(f"no registry has {_REGISTRY_BASE}: making it with debootstrap (under a minute)")
    return _bootstrap(engine)


def _bootstrap(engine: Engine) -> str:
    """Make the base from Debian's packages. Raises SandboxError."""
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise SandboxError(
            f"Cannot make the base image: no registry has {_REGISTRY_BASE}, and making it takes root and debootstrap."
            f" Pull {_REGISTRY_BASE}, or run scripts/setup-docker.sh and `make images` as root."
        )
    with tempfile.TemporaryDirectory(prefix="grader-base-") as scratch:
        root = Path(scratch, "root")
        command = ["debootstrap", "--force-check-gpg", "--variant=minbase", "--include=python3", "bookworm", str(root)]
        run(command, "debootstrap cannot make the base image (does it need the package debian-archive-keyring?)")
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        left_out = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        tar = ["tar", "-C", str(root), "--numeric-owner", "--one-file-system", "--mode=ug-s", *left_out, "-c", "."]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            image = engine.import_root(process.stdout, BASE_TAG)
        if process.returncode:
            raise SandboxError(f"tar failed with status {process.returncode} on the base image")
    return image


def main() -> None:
    """Build the images of the folder given, or of the settings."""
    from grader.config import Settings

    try:
        build_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Settings().sandboxes)
    except SandboxError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
