"""Operators of stand-ins: which of them the student's class may decide.

Two rules keep claims from
becoming verdicts: comparing a stand-in with data is never left to the student's `__eq__`, and arithmetic that mixes a
stand-in with data may not produce data (or `assertAlmostEqual` could be won by a lying `__sub__`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from grader.exam.describe import BINARY, COMPARE
from grader.exam.proxies import RemoteData, RemoteMeta, link, slot_of

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

_UNARY = "abs round floor ceil trunc int float complex index neg pos"
_IN_PLACE = frozenset(n for n in BINARY if n.startswith("__i"))
_UNARY_DATA = frozenset(f"__{n}__" for n in _UNARY.split())


def _is_remote(obj: Any) -> bool:
    return type(type(obj)) is RemoteMeta and not slot_of(obj).data  # type: ignore[union-attr]


def _base_of(cls: type, name: str) -> Callable[..., Any] | None:
    """A built-in base's own implementation, for stand-ins that hold data."""
    for base in cls.__mro__:
        if type(base) is not RemoteMeta and base not in (object, RemoteData) and name in vars(base):
            return vars(base)[name]  # type: ignore[no-any-return]
    return None


def special_method(name: str) -> Callable[..., Any]:
    """The local special method that asks the remote one, under the rules at the top of this module."""
    if name in COMPARE:
        return _comparison(name)
    if name in BINARY:
        return _arithmetic(name)
    if name == "__iter__":
        return _iterate
    if name == "__await__":
        return _await

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        slot = slot_of(self)
        base = _base_of(type(self), name)
        if base is not None and not (slot and slot.live):
            return base(self, *args, **kwargs)
        result = link().special(self, name, *args, **kwargs)
        if slot and slot.mixed and name in _UNARY_DATA:
            _refuse_data(name, result)
            _mark_mixed(result)
        return result

    method.__name__ = name
    return method


def _refuse_data(name: str, result: Any) -> None:
    if result is NotImplemented or _is_remote(result) or _is_collection(result) or "arithmetic" in link().trust:
        return
    raise TypeError(
        f"{name} between an object of the submission and data gave data ({type(result).__name__}), which could be made "
        "to win any comparison; compare attributes of the object, or add `trust: [arithmetic]` to rubric.yaml"
    )


def _is_collection(obj: Any) -> bool:
    """Whether a stand-in has a collection's or a text's contents, which no assertion does arithmetic with."""
    slot = slot_of(obj)
    return slot is not None and slot.data and not isinstance(obj, int | float | complex)


def _mark_mixed(result: Any) -> None:
    slot = slot_of(result)
    if slot is not None:
        slot.mixed = True


def _live(obj: Any) -> bool:
    slot = slot_of(obj)
    return slot is not None and slot.live


def _comparison(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        base = _base_of(type(self), name)
        if base is not None and _live(self) and (_live(other) or "equality" in link().trust):
            return link().special(self, name, other)
        if base is not None:
            return base(self, other)
        if _is_remote(other) or "equality" in link().trust:
            return link().special(self, name, other)
        return NotImplemented

    method.__name__ = name
    return method


def _arithmetic(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any, *rest: Any) -> Any:
        slot = slot_of(self)
        base = _base_of(type(self), name)
        if base is not None and not (slot and slot.live):
            return base(self, other, *rest)
        result = link().special(self, name, other, *rest)
        theirs = slot_of(other)
        if not _is_remote(other) or (slot and slot.mixed) or (theirs and theirs.mixed):
            _refuse_data(name, result)
            if result is not self or name not in _IN_PLACE:
                _mark_mixed(result)
        return result

    method.__name__ = name
    return method


def _iterate(self: Any) -> Iterator[Any]:
    slot = slot_of(self)
    base = _base_of(type(self), "__iter__")
    if base is not None and not (slot and slot.live):
        return base(self)  # type: ignore[no-any-return]
    found = link().special(self, "__iter__")
    return found if hasattr(type(found), "__next__") else iter(found)


def _await(self: Any) -> Generator[Any, Any, Any]:
    return link().awaited(self)
    yield  # makes this a generator, as __await__ must return an iterator
