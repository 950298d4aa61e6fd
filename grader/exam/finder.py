"""Imports of the submission's modules in the examiner: first on `sys.meta_path`, it hands out stand-in modules."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import random
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from grader.exam.link import Link
from grader.exam.modules import RemoteModule

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test


def module_names(files: Iterable[str]) -> set[str]:
    """The top-level modules and packages among a submission's paths, those below `src/` included."""
    names = set()
    for path in files:
        parts = path.split("/")
        if parts[0] == "src" and len(parts) > 1:
            names.add(_top(parts[1:]))
        names.add(_top(parts))
    return {n for n in names if n.isidentifier()}


def _top(parts: Sequence[str]) -> str:
    if len(parts) > 1:
        return parts[0] if parts[-1].endswith(".py") else ""
    return parts[0].removesuffix(".py") if parts[0].endswith(".py") else ""


def taken(name: str) -> bool:
    """Whether the examiner's own environment has a module of this name: then it is never a stand-in."""
    if name in sys.stdlib_module_names or name == "grader":
        return True
    return importlib.machinery.PathFinder.find_spec(name) is not None


class SubmissionFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules in `names` that the examiner does not have itself, and loads them as stand-ins.

    With `any_name` every module that is not there is one: what a test imports decides which tests there are.
    """

    def __init__(self, link: Link, names: Iterable[str], *, any_name: bool = False) -> None:
        self._link = link
        self._names = set(names)
        self._any = any_name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top = fullname.partition(".")[0]
        if not (self._any or top in self._names) or (fullname == top and taken(top)):
            return None
        if fullname != top and type(sys.modules.get(top)) is not RemoteModule:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return RemoteModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        try:
            self._link.load(module.__name__)
        except SystemExit as error:
            raise ImportError(f"{module.__name__} called sys.exit({error.code!r}) while it was imported") from None


def forward_seeds(link: Link) -> None:
    """Let `random.seed(n)` and `numpy.random.seed(n)` in a test seed the submission's generators as well."""
    for name in ("random", "numpy.random"):
        module = sys.modules.get(name)
        seed = getattr(module, "seed", None)
        if module is None or seed is None or hasattr(seed, "_grader_forwards"):
            continue

        def forwarded(*args: Any, _seed: Any = seed, _name: str = name, **kwargs: Any) -> Any:
            result = _seed(*args, **kwargs)
            value = args[0] if args else None
            if type(value) in (int, float, str) and link.gone is None and not link.busy:
                link.request({"op": "seed", "m": _name}, v=value)
            return result

        forwarded._grader_forwards = True  # type: ignore[attr-defined]
        vars(module)["seed"] = forwarded


__all__ = ["SubmissionFinder", "forward_seeds", "module_names", "random", "taken"]
