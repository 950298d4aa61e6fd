"""What this machine's Docker offers and what is missing, one check a line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox.base import FRAME, STDOUT, ContainerSpec
from grader.sandbox.docker import SETUP_HINT, DockerSandbox, Engine
from grader.sandbox.recipe import BASE_TAG, find_recipes

_MIB = 1024 * 1024
_DISK_NEEDED = 5 * 1024**3
_BUILD = "Run `make images`."
_PROBE = """
import json, pathlib
def first(*names):
    for name in names:
        path = pathlib.Path("/sys/fs/cgroup", name)
        if path.exists(): return path.read_text().strip()
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(json.dumps({
    "memory": first("memory.max", "memory/memory.limit_in_bytes"),
    "swap": first("memory.swap.max", "memory/memory.memsw.limit_in_bytes"),
    "processes": first("pids.max", "pids/pids.max"),
    "cpus": first("cpu.max", "cpu/cpu.cfs_quota_us"),
    "seccomp": status["Seccomp"], "privileges": status["NoNewPrivs"], "capabilities": status["CapBnd"],
}))
"""

_NAMES = """
import json, sys
sys.path.insert(0, "/opt/grader")
from grader.exam.finder import taken
print(json.dumps([name for name in sys.argv[1:] if taken(name)]))
"""


@dataclass(frozen=True)
class Check:
    """One fact."""

    name: str
    ok: bool
    detail: str
    fix: str = ""
    """How to mend it; empty when `ok`."""


def facts(sandboxes: Path) -> list[Check]:
    """Everything that grading on this machine depends on. Never raises for what it reports on."""
    try:
        engine = Engine(timeout=20)
    except SandboxError as error:
        return [Check("docker", False, str(error), SETUP_HINT)]
    try:
        return [*_daemon(engine), *_images(engine, sandboxes), *_locks(engine, sandboxes)]
    finally:
        engine.close()


def _check(name: str, ok: bool, detail: str, fix: str) -> Check:
    return Check(name, ok, detail, "" if ok else fix)


def _daemon(engine: Engine) -> Iterator[Check]:
    info = engine.info
    yield Check("docker", True, f"{info.get('ServerVersion')} on {info.get('OperatingSystem')}")
    memory = int(info.get("MemTotal") or 0) // _MIB
    yield _check("machine", memory >= 1900, f"{info.get('NCPU')} cores, {memory} MiB", "Grading needs 2 GiB of memory.")
    yield Check("cgroup", True, f"version {info.get('CgroupVersion', '1')}, driver {info.get('CgroupDriver')}")
    driver = str(info.get("Driver"))
    yield _check("storage", driver != "vfs", driver, "vfs copies every image for every container: set up overlay2.")
    root = Path(str(info.get("DockerRootDir") or "/"))
    free = shutil.disk_usage(root if root.exists() else "/").free
    yield _check(
        "disk", free >= _DISK_NEEDED, f"{free // 1024**3} GiB free", "Images need 5 GiB: `docker image prune`."
    )
    runsc = "runsc" in info.get("Runtimes", {})
    yield Check("gvisor", True, "runsc available" if runsc else "runsc not installed; optional, a second wall")


def _images(engine: Engine, sandboxes: Path) -> Iterator[Check]:
    base = engine.image_id(BASE_TAG)
    recipes = find_recipes(sandboxes)
    if not recipes:
        yield Check(
            "images", False, f"no sandboxes in {sandboxes}", "Run in the project's folder, or set GRADER_SANDBOXES."
        )
    for recipe in recipes:
        image = engine.image_id(recipe.tag(base)) if base else None
        yield Check(
            f"image {recipe.name}", image is not None, image or "missing or out of date", "" if image else _BUILD
        )


def _locks(engine: Engine, sandboxes: Path) -> Iterator[Check]:
    """Start a container and read from inside which limits hold."""
    recipes = find_recipes(sandboxes)
    if not recipes:
        return
    spec = ContainerSpec("candidate", recipes[-1].name, "doctor", 64 * _MIB, 0.5, 8 * _MIB, 16, 60)
    try:
        seen = _probe(DockerSandbox(sandboxes, engine=engine), spec)
    except (SandboxError, OSError, ValueError) as error:
        yield Check("probe", False, str(error), "Mend what is above first.")
        return
    limits = "Use cgroup v2 with all controllers delegated to Docker, or a kernel with memory and swap accounting."
    for name, expected in _expected(spec).items():
        fix = limits if name in ("memory", "swap", "processes", "cpus") else "Upgrade Docker and its runtime."
        yield _check(f"limit {name}", expected(str(seen[name])), f"{seen[name]} inside a container", fix)


def _expected(spec: ContainerSpec) -> dict[str, Callable[[str], bool]]:
    return {
        "memory": lambda value: value == str(spec.memory),
        "swap": lambda value: value in ("0", str(spec.memory)),
        "processes": lambda value: value == str(spec.processes),
        "cpus": lambda value: value.split()[0] == "50000",
        "seccomp": lambda value: value == "2",
        "privileges": lambda value: value == "1",
        "capabilities": lambda value: int(value, 16) == 0,
    }


def _probe(sandbox: DockerSandbox, spec: ContainerSpec) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(_output(sandbox, spec, ["-c", _PROBE]))
    return seen


def modules_of_examiner(sandbox: DockerSandbox, names: Sequence[str]) -> set[str]:
    """Those of the names that the examiner's image has a module for. Raises SandboxError."""
    spec = ContainerSpec("examiner", "examiner", "names", 256 * _MIB, 1, 8 * _MIB, 16, 60)
    try:
        return set(json.loads(_output(sandbox, spec, ["-P", "-c", _NAMES, *names])))
    except (OSError, ValueError) as error:
        raise SandboxError(f"The examiner's image does not say which modules it has: {error}") from error


def _output(sandbox: DockerSandbox, spec: ContainerSpec, arguments: Sequence[str]) -> bytes:
    """What a snippet of ours prints in a container."""
    container = sandbox._start(spec, arguments)
    try:
        container.socket.settimeout(20)
        said = b""
        with container.socket.makefile("rb") as stream:
            while header := stream.read(FRAME.size):
                source, size = FRAME.unpack(header)
                said += stream.read(size) if source == STDOUT else stream.read(size)[:0]
        return said
    finally:
        container.end()
