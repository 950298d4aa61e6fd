"""Stand-in classes, made from the candidate's descriptions."""

from __future__ import annotations

import abc
import collections.abc
from typing import Any

from grader.exam import operators, proxies
from grader.exam.describe import SPECIAL, make_signature
from grader.exam.proxies import RemoteData, RemoteMeta, RemoteObject

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

_SHOWN = frozenset(("__repr__", "__str__", "__format__"))
_ABSTRACT = {("abc", "ABC"): abc.ABC} | {
    ("collections.abc", name): getattr(collections.abc, name) for name in collections.abc.__all__ if name != "Callable"
}
"""Abstract classes of the library that stand-ins are registered with, so that `issubclass(Shape, ABC)` holds."""


def make_class(desc: dict[str, Any], bases: list[Any]) -> type:
    """A stand-in class. Special methods exist where the class defines them; the rest is asked for by name."""
    defined = {n for n in desc["d"] if n in SPECIAL}
    space: dict[str, Any] = {n: operators.special_method(n) for n in defined - _SHOWN}
    space |= {n: None for n in desc["no"] if n in SPECIAL}
    if "__eq__" in space and "__hash__" not in space:
        space["__hash__"] = None
    doc = desc["doc"]
    space |= {
        "__module__": str(desc["m"]),
        "__qualname__": str(desc["q"]),
        "__doc__": doc if type(doc) is str else None,
    }
    if desc.get("sig"):
        space["__signature__"] = make_signature(desc["sig"])
    above = _above(bases, space)
    try:
        made = RemoteMeta(str(desc["n"]), tuple(above), space, made_here=True)
    except TypeError:
        made = RemoteMeta(str(desc["n"]), tuple(above[-1:]), space, made_here=True)
    abstract = _ABSTRACT.get((str(desc["m"]), str(desc["q"])))
    if abstract is not None:
        abstract.register(made)
    remote = [b for b in above if type(b) is RemoteMeta]
    methods = frozenset(n for n in desc["me"] if type(n) is str)
    type.__setattr__(made, "_grader_methods", methods.union(*(b._grader_methods for b in remote)))
    type.__setattr__(made, "_grader_shown", (defined & _SHOWN).union(*(b._grader_shown for b in remote)))
    return made


def _above(bases: list[Any], space: dict[str, Any]) -> list[Any]:
    """The local bases: the stand-ins of remote ones, real exceptions, and a built-in for its contents."""
    remote = [b for b in bases if type(b) is RemoteMeta]
    if any(issubclass(b, BaseException) for b in bases):
        space |= {"__getattr__": proxies._getattr, "__setattr__": proxies._setattr, "__str__": _error_text}
        return [b for b in bases if type(b) is RemoteMeta or issubclass(b, BaseException)]
    raw = next((r for b in bases if type(b) is not RemoteMeta for r in proxies.BUILTIN if issubclass(b, r)), None)
    if raw is not None:
        return [*remote, RemoteData, raw]
    return remote or [RemoteObject]


def _error_text(self: Any) -> str:
    return str(BaseException.__getattribute__(self, "__dict__").get("_grader_text", ""))


SENTINEL = make_class({"n": "object", "q": "object", "m": "builtins", "doc": None, "d": [], "no": [], "me": []}, [])
"""The stand-in for the class of a bare `object()`."""
