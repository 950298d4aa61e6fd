"""Mutable containers that both sides hold: who has which, and what changed since the last message.

A list passed to a student's function is copied, so a change on either side must reach the other before anyone looks.
Each container that crosses gets a number known to both sides. Before a message leaves, every container that is still
referenced here is compared with the snapshot of its last crossing (by identity of the elements, in C) and the changed
ones travel along, to be changed in place over there. Reference counts tell which ones nobody here can see any more:
those are dropped on both sides, so that a loop of ten thousand calls keeps two or three containers, not ten thousand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from operator import is_not
from typing import Any, NamedTuple

BUDGET = 400_000
"""Most elements compared for one message; beyond it the newest containers and the call's own arguments are."""
BYTES_PER_ELEMENT = 64
"""Raw bytes compared (memcmp) in about the time of one element."""


class Kind(NamedTuple):
    """How a container type is watched. `cost` is in elements."""

    snapshot: Callable[[Any], Any]
    same: Callable[[Any, Any], bool]
    cost: Callable[[Any], int]


def _same_list(obj: Any, old: list[Any]) -> bool:
    return len(obj) == len(old) and not any(map(is_not, obj, old))


def _dict_items(obj: dict[Any, Any]) -> tuple[list[Any], list[Any]]:
    return list(dict.keys(obj)), list(dict.values(obj))


def _same_dict(obj: dict[Any, Any], old: tuple[list[Any], list[Any]]) -> bool:
    keys, values = old
    return (
        dict.__len__(obj) == len(keys)
        and not any(map(is_not, dict.keys(obj), keys))
        and not any(map(is_not, dict.values(obj), values))
    )


def _same_set(obj: set[Any], old: frozenset[Any]) -> bool:
    return set.__len__(obj) == len(old) and not any(map(is_not, set.__iter__(obj), old))


LIST = Kind(lambda o: list(list.__iter__(o)), lambda o, s: _same_list(list(list.__iter__(o)), s), list.__len__)
DICT = Kind(_dict_items, _same_dict, dict.__len__)
ORDERED = Kind(
    lambda o: (list(o.keys()), list(o.values())),
    lambda o, s: _same_list(list(o.keys()), s[0]) and _same_list(list(o.values()), s[1]),
    len,
)
SET = Kind(lambda o: tuple(set.__iter__(o)), _same_set, set.__len__)
SEQUENCE = Kind(list, _same_list, len)
BYTES = Kind(bytes, lambda o, s: o == s, lambda o: len(o) // BYTES_PER_ELEMENT + 1)
NAMESPACE = Kind(lambda o: _dict_items(vars(o)), lambda o, s: _same_dict(vars(o), s), lambda o: len(vars(o)))


class Mirror:
    """One container: its number, the object, how it is watched and what it held when it last crossed."""

    __slots__ = ("dirty", "kind", "number", "obj", "old")

    def __init__(self, number: int, obj: Any, kind: Kind) -> None:
        self.number = number
        self.obj = obj
        self.kind = kind
        self.old: Any = None
        self.dirty = True

    def settle(self) -> None:
        """Take the present contents as known to the other side."""
        self.old = self.kind.snapshot(self.obj)
        self.dirty = False

    def changed(self) -> bool:
        return self.dirty or not self.kind.same(self.obj, self.old)


def _references(mirror: Mirror) -> int:
    return sys.getrefcount(mirror.obj)


_ALONE = _references(Mirror(0, [], LIST))
"""What `_references` gives for an object that only its mirror holds."""


class Mirrors:
    """The containers known to both sides. Numbers made here go up in twos from `first`; the others are made there."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._by_number: dict[int, Mirror] = {}
        self._by_id: dict[int, Mirror] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def of(self, obj: object) -> Mirror | None:
        """The mirror of this very object, if it has one."""
        return self._by_id.get(id(obj))

    def get(self, number: int) -> Mirror | None:
        return self._by_number.get(number)

    def add(self, obj: Any, kind: Kind, number: int | None = None) -> Mirror:
        """Watch `obj` under a new number, or under the other side's."""
        if number is None:
            number, self._next = self._next, self._next + 2
        mirror = Mirror(number, obj, kind)
        self._by_number[number] = mirror
        self._by_id[id(obj)] = mirror
        return mirror

    def forget(self, number: int) -> None:
        mirror = self._by_number.pop(number, None)
        if mirror is not None:
            self._by_id.pop(id(mirror.obj), None)

    def clear(self) -> None:
        self._by_number.clear()
        self._by_id.clear()

    def changed(self, pinned: frozenset[int] = frozenset()) -> Iterator[Mirror]:
        """Those whose contents differ from their last crossing; `pinned` ones are compared whatever they cost."""
        left = BUDGET
        for mirror in reversed(list(self._by_number.values())):
            cost = mirror.kind.cost(mirror.obj) + 1
            if mirror.number in pinned or cost <= left:
                left -= cost
                if mirror.changed():
                    yield mirror

    def drop_unseen(self) -> list[int]:
        """Forget those that nothing here refers to but the mirror; returns their numbers, for the other side."""
        dropped: list[int] = []
        while True:
            alone = [m.number for m in self._by_number.values() if _references(m) <= _ALONE]
            if not alone:
                return dropped
            for number in alone:
                self.forget(number)
            dropped += alone
