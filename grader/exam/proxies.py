"""Stand-ins in the examiner for the student's classes, instances, methods, and functions.

Each remote class has a local class with the same name and bases, so `isinstance`, `except` and operators find what they
look for. Whatever is asked of a stand-in is asked of the candidate; the answer is a claim, which `operators` keeps
from becoming a verdict.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from grader.exam.codec import CannotCross
from grader.exam.describe import PRIVATE, SPECIAL, make_function

if TYPE_CHECKING:
    from grader.exam.link import Link

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

MAX_SHOWN = 10_000
BUILTIN = (int, float, complex, str, bytes, tuple, frozenset, list, dict, set)
"""Built-in types whose subclasses' instances hold the base's contents here."""
_MISSING = object()


class Reference:
    """A number in the candidate, valid in one life of it; `path` (module, qualname) finds the thing in the next."""

    __slots__ = ("life", "number", "path")

    def __init__(self, number: int, life: int, path: tuple[str, str] | None = None) -> None:
        self.number = number
        self.life = life
        self.path = path


class _Slot:
    """Where a stand-in keeps what is ours: out of reach of attribute access that belongs to the student's class."""

    __slots__ = ("data", "live", "mixed", "ref")

    def __init__(self, ref: Reference, *, data: bool = False) -> None:
        self.ref = ref
        self.live = False
        """Made by the test calling the class: overridden special methods of a built-in's subclass are the student's."""
        self.data = data
        """An instance of a subclass of a built-in, which holds the base's contents here."""
        self.mixed = False
        """Result of arithmetic between a stand-in and data."""


_link: Link | None = None


def connect(link: Link) -> None:
    """Let stand-ins speak through `link`."""
    global _link  # noqa: PLW0603 (one exam a process: the test's proxies have no other way to it)
    _link = link


def link() -> Link:
    """The connection to the candidate. Raises RuntimeError outside an exam."""
    if _link is None:
        raise RuntimeError("no exam is running")
    return _link


def slot_of(obj: Any) -> _Slot | None:
    """The slot of a stand-in for an instance, or None; told by the type of the type, which cannot lie here."""
    return object.__getattribute__(obj, "_grader_slot") if type(type(obj)) is RemoteMeta else None


def exact(obj: Any) -> Any:
    """The contents of an instance of a built-in's subclass, as the built-in itself; anything else as it is."""
    slot = slot_of(obj)
    if slot is None or not slot.data:
        return obj
    base: Any = next(b for b in type(obj).__mro__ if b in BUILTIN)
    if base in (list, tuple, set, frozenset):
        return base(base.__iter__(obj))
    if base is dict:
        return dict(dict.items(obj))
    if base is str:
        return str.__str__(obj)
    return bytes(memoryview(obj)) if base is bytes else base.__pos__(obj)


def hidden(name: str) -> bool:
    """Whether an attribute is one that test frameworks ask everything for and that never crosses."""
    return name.startswith((*PRIVATE, "_grader_")) or (name.startswith("__array") and name.endswith("__"))


class RemoteMeta(type):
    """The type of stand-in classes."""

    _grader_ref: Reference
    _grader_methods: frozenset[str]
    _grader_shown: frozenset[str]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], space: dict[str, Any], *, made_here: bool = False
    ) -> RemoteMeta:
        if not made_here:
            raise CannotCross(
                f"the class {name} cannot be derived from a class of the submission in a test, since that class lives "
                "in another process; use an instance of it, or test a subclass that the submission defines"
            )
        return super().__new__(mcs, name, bases, space)

    def __init__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any], *, made_here: bool = False) -> None:
        super().__init__(name, bases, space)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = link().call(cls, args, kwargs)
        slot = slot_of(made)
        if slot is not None:
            slot.live = True
        return made

    def __getattr__(cls, name: str) -> Any:
        if hidden(name):
            raise AttributeError(name)
        return link().get(cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name.startswith("_grader_") or name == "__abstractmethods__":
            type.__setattr__(cls, name, value)
        else:
            link().set(cls, name, value)

    def __delattr__(cls, name: str) -> None:
        link().delete(cls, name)

    @property  # type: ignore[misc]
    def __dict__(cls) -> Any:  # type: ignore[override]
        here = type.__dict__["__dict__"].__get__(cls)
        return Space(cls, here, remote="_grader_ref" in here)

    def __dir__(cls) -> list[str]:
        return list(link().special(cls, "__dir__"))

    def __iter__(cls) -> Iterator[Any]:
        return iter(link().special(cls, "__iter__"))

    def __len__(cls) -> int:
        return int(link().special(cls, "__len__"))

    def __bool__(cls) -> bool:
        return True

    def __getitem__(cls, key: Any) -> Any:
        return link().special(cls, "__getitem__", key)

    def __contains__(cls, item: Any) -> bool:
        return bool(link().special(cls, "__contains__", item))


class Space:
    """What `vars()` of a class or module gives: its own attributes, read when asked for."""

    def __init__(self, owner: Any, here: Any, *, remote: bool) -> None:
        self._owner = owner
        self._here = here
        self._remote = remote

    def __getitem__(self, name: str) -> Any:
        if name in self._here:
            return self._here[name]
        if name.startswith("__") or not self._remote:
            raise KeyError(name)  # abstract classes look for special methods, which are here if anywhere
        return link().space(self._owner, name)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return self.get(str(name), _MISSING) is not _MISSING

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def keys(self) -> list[str]:
        return list(link().space(self._owner, "") if self._remote else self._here)

    def items(self) -> list[tuple[str, Any]]:
        return [(n, self[n]) for n in self.keys()]

    def values(self) -> list[Any]:
        return [self[n] for n in self.keys()]


def _getattr(self: Any, name: str) -> Any:
    if hidden(name):
        raise AttributeError(name)
    if name in type.__getattribute__(type(self), "_grader_methods"):
        return RemoteMethod(self, name)
    return link().get(self, name)


def _setattr(self: Any, name: str, value: Any) -> None:
    if name.startswith("_grader_") or (name.startswith("__") and _is_error(self)):
        object.__setattr__(self, name, value)
    else:
        link().set(self, name, value)


def _is_error(obj: Any) -> bool:
    return issubclass(type(obj), BaseException)


def _shown(self: Any, name: str, *args: Any) -> str:
    slot = slot_of(self)
    if slot is not None and slot.data and name not in type.__getattribute__(type(self), "_grader_shown"):
        for base in type(self).__mro__:
            if base in BUILTIN:
                return str(getattr(base, name)(self, *args))
    text = link().shown(self, name, *args)
    return text[:MAX_SHOWN] if text is not None else f"<{type(self).__name__} object of the submission>"


class RemoteObject(metaclass=RemoteMeta, made_here=True):
    """Base of stand-in classes that have no built-in base."""

    __getattr__ = _getattr
    __setattr__ = _setattr

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return link().get(self, "__dict__")

    def __delattr__(self, name: str) -> None:
        link().delete(self, name)

    def __repr__(self) -> str:
        return _shown(self, "__repr__")

    def __str__(self) -> str:
        return _shown(self, "__str__")

    def __format__(self, spec: str) -> str:
        return _shown(self, "__format__", spec)

    def __dir__(self) -> list[str]:
        return list(link().special(self, "__dir__"))

    def __copy__(self) -> Any:
        return link().special(self, "__copy__")

    def __deepcopy__(self, memo: Any) -> Any:
        return link().special(self, "__deepcopy__")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("an object of the submission cannot be pickled in a test")


class RemoteData:
    """Mixed into stand-ins for subclasses of built-ins: the base's contents are here, what the class adds is there."""

    __getattr__ = _getattr
    __setattr__ = _setattr
    __repr__ = RemoteObject.__repr__
    __str__ = RemoteObject.__str__
    __format__ = RemoteObject.__format__
    __dict__ = vars(type)["__dict__"].__get__(RemoteObject)["__dict__"]


type.__setattr__(RemoteObject, "_grader_methods", frozenset())
type.__setattr__(RemoteObject, "_grader_shown", frozenset())


class RemoteMethod:
    """A method of a stand-in: looked up and called in one message."""

    __slots__ = ("__self__", "_name")

    def __init__(self, owner: Any, name: str) -> None:
        self.__self__ = owner
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return link().method(self.__self__, self._name, args, kwargs)

    @property
    def __name__(self) -> str:
        return self._name

    @property
    def __signature__(self) -> inspect.Signature:
        whole = inspect.signature(getattr(type(self.__self__), self._name))
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    def __getattr__(self, name: str) -> Any:
        if hidden(name):
            raise AttributeError(name)
        return getattr(getattr(type(self.__self__), self._name), name)

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return getattr(getattr(type(self.__self__), self._name), "__doc__", None)

    def __eq__(self, other: object) -> bool:
        return type(other) is RemoteMethod and other.__self__ is self.__self__ and other._name == self._name

    def __hash__(self) -> int:
        return hash((id(self.__self__), self._name))

    def __repr__(self) -> str:
        return f"<bound method {type(self.__self__).__qualname__}.{self._name} of the submission>"


class RemoteFunction:
    """A function with attributes of its own (a counter, a cache): callable, though not a real function."""

    def __init__(self, desc: dict[str, Any], ref: Reference, invoke: Callable[..., Any]) -> None:
        twin = make_function(desc, invoke)
        look = {n: getattr(twin, n) for n in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__")}
        self.__dict__.update(look, _grader_ref=ref, _grader_invoke=invoke)
        if hasattr(twin, "__signature__"):
            self.__dict__["__signature__"] = twin.__signature__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._grader_invoke(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if hidden(name):
            raise AttributeError(name)
        return link().get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        link().set(self, name, value)

    def __delattr__(self, name: str) -> None:
        link().delete(self, name)


__all__ = ["SPECIAL", "Reference", "RemoteData", "RemoteMeta", "RemoteMethod", "RemoteObject"]
