"""Builds the container images: `python -m grader.sandbox.images [SANDBOXES]`. What is up to date is left alone.

The builds have no network. Packages are installed on the host with pip, by hash and from wheels only, and copied in.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from grader.errors import SandboxError
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
_PYTHON = "3.11"
_GLIBC = 36
"""Debian 12 has glibc 2.36, so it runs every manylinux_2_N wheel up to that N."""


def build_all(sandboxes: Path, progress: Progress = print, engine: Engine | None = None) -> dict[str, str]:
    """Build what is missing or out of date; returns the image id of every sandbox. Raises SandboxError."""
    engine = engine or Engine()
    recipes = find_recipes(sandboxes)
    if not recipes:
        raise SandboxError(f"no sandboxes in {sandboxes}: each is a folder with Dockerfile and image.yaml")
    base = engine.image_id(BASE_TAG) or _build_base(engine, progress)
    return {recipe.name: _build(engine, recipe, base, progress) for recipe in recipes}


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
    with _context({"Dockerfile": PROGRAM_DOCKERFILE.encode(), **files}) as context:
        return engine.build(context, tag, arguments)


def _build_environment(engine: Engine, recipe: Recipe, tag: str) -> str:
    packages = _install(recipe.requirements) if recipe.requirements.strip() else None
    with _context(recipe.context(), packages) as context:
        # Named by its tag, since a builder may want to pull what is named by an id alone.
        return engine.build(context, tag, {"BASE": BASE_TAG})


def _install(requirements: bytes) -> Path:
    """Install wheels for the image's Python into a folder that is kept by content; returns the folder."""
    machine = platform.machine()
    identity = b"\0".join([requirements, machine.encode(), _PYTHON.encode(), b"1"])
    kept = _cache_folder() / "packages" / hashlib.sha256(identity).hexdigest()[:16]
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        listed, target = Path(scratch, "requirements.txt"), Path(scratch, "site-packages")
        listed.write_bytes(requirements)
        _run([*_pip_install(machine), "--target", str(target), "-r", str(listed)], "pip cannot install the packages")
        shutil.rmtree(target / "bin", ignore_errors=True)
        try:
            target.rename(kept)
        except OSError:
            if not kept.is_dir():
                raise
    return kept


def _pip_install(machine: str) -> list[str]:
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
    tags += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    options = (
        "--quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: --no-compile --no-deps"
    )
    target = [f"--python-version={_PYTHON}", "--implementation=cp", *(f"--platform={tag}" for tag in tags)]
    return [sys.executable, "-m", "pip", "install", *options.split(), *target]


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"


def _build_base(engine: Engine, progress: Progress) -> str:
    progress(f"building {BASE_TAG}")
    if engine.pull(_REGISTRY_BASE):
        with _context({"Dockerfile": _BASE_DOCKERFILE.encode()}) as context:
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
        _run(command, "debootstrap cannot make the base image (does it need the package debian-archive-keyring?)")
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        left_out = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        tar = ["tar", "-C", str(root), "--numeric-owner", "--one-file-system", "--mode=ug-s", *left_out, "-c", "."]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            image = engine.import_root(process.stdout, BASE_TAG)
        if process.returncode:
            raise SandboxError(f"tar failed with status {process.returncode} on the base image")
    return image


@contextmanager
def _context(files: Mapping[str, bytes], packages: Path | None = None) -> Iterator[IO[bytes]]:
    """A tar of the files and the packages, the same bytes for the same content, as a build context."""
    with tempfile.TemporaryFile(prefix="grader-context-") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name, content in sorted(files.items()):
                member = _plain(tarfile.TarInfo(name))
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            if packages is not None:
                tar.add(packages, "site-packages", filter=_plain)
        file.seek(0)
        yield file


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SandboxError(f"{failure}:\n  {last}")


def main() -> None:
    """Build the images of the folder given, or of the settings."""
    from grader.config import Settings

    try:
        build_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Settings().sandboxes)
    except SandboxError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
