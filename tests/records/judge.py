"""The second verifier: a Node program that shares nothing with ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).parent / "verifier"


@dataclass(frozen=True)
class Judgement:
    """Its exit status (0 verified, 1 not, 2 unreadable) and what it says of each check."""

    status: int
    checks: dict[str, bool]

    @property
    def failed(self) -> str:
        return "; ".join(name for name, ok in self.checks.items() if not ok)


class Judge:
    """Runs the program on files; several at once, since each start takes a second."""

    def __init__(self, folder: Path) -> None:
        self._program = folder / "verify.mjs"

    def __call__(self, file: Path, *arguments: object) -> Judgement:
        command = ["node", self._program, file, "--json", *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ran.stdout, ran.stderr
        checks: dict[str, bool] = {}
        for name, ok in _checks(json.loads(ran.stdout)):
            checks[name] = checks.get(name, True) and ok
        return Judgement(ran.returncode, checks)

    def all(self, cases: dict[str, tuple[object, ...]]) -> dict[str, Judgement]:
        with ThreadPoolExecutor(4) as pool:
            futures = {name: pool.submit(self, *arguments) for name, arguments in cases.items()}
            return {name: future.result() for name, future in futures.items()}


def _checks(result: dict[str, Any]) -> list[tuple[str, bool]]:
    found = [(check["check"], check["ok"]) for check in result["checks"]]
    return found + [pair for nested in result.get("nested", []) for pair in _checks(nested)]


def find_judge() -> Judge:
    """The program with its packages in var/. Without Node: a skip on a person's machine, a failure in CI."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _missing("node and npm are not installed")
    wanted = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in ("verify.mjs", "package.json")))
    folder = ROOT / "var" / f"verifier-{wanted.hexdigest()[:12]}"
    if not (folder / "ready").exists():
        _install(folder)
    return Judge(folder)


def _install(folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    for name in ("verify.mjs", "package.json"):
        shutil.copy(SOURCE / name, fresh)
    for name in ("contexts", "schemas"):
        shutil.copytree(ROOT / "grader" / "records" / name, fresh / name)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    ran = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=240, check=False)
    if ran.returncode:
        shutil.rmtree(fresh)
        _missing(f"npm could not install the second verifier: {ran.stderr[-500:]}")
    (fresh / "ready").touch()
    try:
        fresh.rename(folder)
    except OSError:  # another session was quicker
        shutil.rmtree(fresh)


def _missing(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"CI needs the second verifier: {why}")
    pytest.skip(why)
