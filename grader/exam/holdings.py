"""What the examiner holds of the candidate's objects, and the test's own objects that were lent to it."""

from __future__ import annotations

import abc
import collections.abc
import functools
import sys
import types
import unittest
import unittest.mock
import weakref
from collections.abc import Callable
from functools import partial
from operator import getitem
from typing import TYPE_CHECKING, Any

from grader.exam import faults, proxies
from grader.exam.codec import CannotCross, Codec, Decoder, Encoder, Reader, Row
from grader.exam.describe import SPECIAL, describe_function, make_function, make_signature
from grader.exam.mirrors import DICT, LIST, SET
from grader.exam.protocol import ProtocolError
from grader.exam.proxies import (
    Reference,
    RemoteData,
    RemoteFunction,
    RemoteMeta,
    RemoteMethod,
    RemoteModule,
    RemoteObject,
)
from grader.exam.values import NAMED_TYPES, TYPE_NAMES, _fill_dict, container

if TYPE_CHECKING:
    from grader.exam.link import Link

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

_SHOWN = frozenset(("__repr__", "__str__", "__format__"))
_ABSTRACT = {("abc", "ABC"): abc.ABC} | {
    ("collections.abc", name): getattr(collections.abc, name) for name in collections.abc.__all__ if name != "Callable"
}
"""Abstract classes of the library that stand-ins are registered with, so that `issubclass(Shape, ABC)` holds."""
_MOCK_CONTROLS = ("assert_", "mock_", "reset_mock", "configure_mock", "attach_mock", "side_effect", "return_value")
"""Attributes by which a test asks or steers its mock: the submission sees only what the mock stands for."""
_CONTAINERS = (list, dict, set, tuple, str, bytes, frozenset)
_ITERATOR_MODULES = ("builtins", "itertools", "_csv")


class Held:
    """A bare mention of one of the candidate's objects."""

    __slots__ = ("ref",)

    def __init__(self, ref: Reference) -> None:
        self.ref = ref


class Holdings(Codec):
    """The examiner's codec."""

    Held = Held

    def __init__(self, link: Link) -> None:
        super().__init__(first=0)
        self._link = link
        self._things: dict[int, Any] = {}
        """Functions and classes by number: there for the whole life."""
        self._classes: dict[tuple[str, str], type] = {}
        """Classes by path: they outlive a life."""
        self._held: dict[int, weakref.ref[Any]] = {}
        self._kept: dict[int, Any] = {}
        self._received: dict[int, int] = {}
        self._dead: list[int] = []
        self._refs: dict[int, Reference] = {}
        self._keep_alive: list[Any] = []
        self._lent: dict[int, Any] = {}
        self._lent_numbers: dict[Any, int] = {}
        self.writers[Held] = lambda e, o: ["H", link.number(o.ref)]
        self.writers[RemoteMethod] = self._write_method
        self.writers[RemoteModule] = lambda e, o: ["Hm", o.__name__]
        self.readers |= {
            "h": Reader(self._read_handle),
            "k": Reader(self._read_class),
            "f": Reader(self._read_function, needs=0),
            "m": Reader(self._read_module, needs=0),
            "g": Reader(self._read_generator, needs=0),
            "co": Reader(self._read_coroutine, needs=0),
            "E": Reader(lambda d, r: faults.known(r[1]) or _refuse("an exception of no known class"), needs=0),
            "x": Reader(self._read_exception),
            "H": Reader(lambda d, r: self._lent[r[1]], needs=0),
            "vi": Reader(self._read_immutable),
            "vl": container(self._new_data(list), _fill_data(list), LIST, 3),
            "vd": container(self._new_data(dict), _fill_data(dict), DICT, 3),
            "vs": container(self._new_data(set), _fill_data(set), SET, 3),
        }

    def forget(self) -> None:
        """Drop everything that belonged to the life before."""
        self.mirrors.clear()
        for table in (self._things, self._held, self._kept, self._received, self._lent, self._lent_numbers):
            table.clear()
        self._dead.clear()
        self.recent = frozenset()

    def freed(self) -> list[list[int]]:
        """Numbers whose stand-ins are gone, with how often each was received; for the candidate to release."""
        dead, self._dead[:] = list(self._dead), []
        return [[n, self._received.pop(n)] for n in dead if n in self._received and n not in self._held]

    # reading the candidate's objects

    def _hold(self, number: Any, make: Any) -> Any:
        """The one stand-in for a number: `is` works as long as the test holds it."""
        if type(number) is not int:
            raise ProtocolError("a number that is none")
        self._received[number] = self._received.get(number, 0) + 1
        ref = self._held.get(number)
        found = self._kept.get(number) if ref is None else ref()
        if found is None:
            found = make()
            try:
                self._held[number] = weakref.ref(found, partial(self._gone, number, self._link.life))
            except TypeError:  # subclasses of int and tuple cannot be weakly referenced
                self._kept[number] = found
        return found

    def _gone(self, number: int, life: int, ref: weakref.ref[Any]) -> None:
        if life == self._link.life and self._held.get(number) is ref:
            del self._held[number]
            self._dead.append(number)

    def _reference(self, number: Any, path: tuple[str, str] | None = None) -> Reference:
        if type(number) is not int:
            raise ProtocolError("a number that is none")
        return Reference(number, self._link.life, path)

    def _read_handle(self, decoder: Decoder, row: Row) -> Any:
        number, cls = row[1], decoder.value(row[2])
        if cls is object:  # a bare sentinel
            cls = _SENTINEL
        return self._hold(number, lambda: self._instance(_remote_class(cls), number))

    def _instance(self, cls: Any, number: int, *content: Any) -> Any:
        data = issubclass(cls, RemoteData)
        base = next((b for b in cls.__mro__ if b in proxies.BUILTIN), object) if data else object
        made = base.__new__(cls, *content)
        object.__setattr__(made, "_grader_slot", proxies._Slot(self._reference(number), data=data))
        return made

    def _read_immutable(self, decoder: Decoder, row: Row) -> Any:
        cls, content = decoder.value(row[2]), decoder.value(row[3])
        base = next((b for b in _remote_class(cls).__mro__ if b in proxies.BUILTIN), None)
        if type(content) is not base:
            raise ProtocolError("contents of another type")
        return self._hold(row[1], lambda: self._instance(cls, row[1], content))

    def _new_data(self, base: type) -> Any:
        def new(decoder: Decoder, row: Row) -> Any:
            cls = _remote_class(decoder.value(row[3]))
            if not issubclass(cls, base):
                raise ProtocolError("contents of another type")
            return self._hold(row[2], lambda: self._instance(cls, row[2]))

        return new

    def _read_class(self, decoder: Decoder, row: Row) -> type:
        number, desc, *bases = row[1:]
        if number in self._things:
            return self._things[number]  # type: ignore[no-any-return]
        if type(desc) is not dict:
            raise ProtocolError("a class without a description")
        path = (str(desc["m"]), str(desc["q"]))
        findable = "<locals>" not in path[1]
        made = self._classes.get(path) if findable else None
        if made is None or self._things_has(made):
            made = _make_class(desc, [decoder.value(b) for b in bases])
            if findable:
                self._classes[path] = made
        type.__setattr__(made, "_grader_ref", self._reference(number, path if findable else None))
        self._things[number] = made
        return made

    def _things_has(self, made: type) -> bool:
        return any(thing is made for thing in self._things.values())

    def _read_function(self, decoder: Decoder, row: Row) -> Any:
        number, desc = row[1:]
        if number in self._things:
            return self._things[number]
        if type(desc) is not dict:
            raise ProtocolError("a function without a description")
        path = (str(desc.get("m")), str(desc.get("q")))
        ref = self._reference(number, None if "<" in path[1] else path)
        op = "async" if desc.get("co") else "call"

        def invoke(*args: Any, **kwargs: Any) -> Any:
            return self._link.request({"op": op}, o=Held(ref), a=args, **({"k": kwargs} if kwargs else {}))

        made = RemoteFunction(desc, ref, invoke) if desc.get("own") else make_function(desc, invoke)
        self._refs[id(made)] = ref
        self._keep_alive.append(made)
        self._things[number] = made
        return made

    def _read_module(self, decoder: Decoder, row: Row) -> Any:
        number, name = row[1:]
        found = sys.modules.get(name) if type(name) is str else None
        if type(found) is RemoteModule:
            return found
        if number not in self._things:
            ref = self._reference(number, (str(name), ""))
            cls = _make_class(
                {"n": "module", "q": "module", "m": "builtins", "doc": None, "d": [], "no": [], "me": []}, []
            )
            made: Any = object.__new__(cls)
            object.__setattr__(made, "_grader_slot", proxies._Slot(ref))
            self._things[number] = made
        return self._things[number]

    def _read_generator(self, decoder: Decoder, row: Row) -> Any:
        number, name = row[1:]

        def make() -> Any:
            ref = self._reference(number)
            made = proxies.generator(ref, str(name), self._link.step)
            weakref.finalize(made, self._refs.pop, id(made), None).atexit = False
            self._refs[id(made)] = ref
            return made

        return self._hold(number, make)

    def _read_coroutine(self, decoder: Decoder, row: Row) -> Any:
        ref = self._reference(row[1])

        async def coroutine() -> Any:
            return self._link.awaited(Held(ref))

        return coroutine()

    def _read_exception(self, decoder: Decoder, row: Row) -> BaseException:
        cls, number, text, args, attributes = row[1:6]
        made = decoder.value(cls) if type(cls) is list else faults.known(cls)
        if not (isinstance(made, type) and issubclass(made, BaseException)):
            raise ProtocolError("an exception of no known class")
        error = faults.build(made, decoder.value(args), decoder.value(attributes))
        if type(made) is RemoteMeta:
            slot = proxies._Slot(self._reference(number))
            object.__setattr__(error, "_grader_slot", slot)
            object.__setattr__(error, "_grader_text", str(decoder.value(text)))
        return faults.attach(decoder, error, row)

    # lending the test's objects

    def foreign(self, encoder: Encoder, obj: Any) -> Row:
        slot = proxies.slot_of(obj)
        if slot is not None:
            return ["H", self._link.number(slot.ref)]
        if type(obj) is RemoteMeta:
            return ["H", self._link.number(obj._grader_ref)]
        ref = self._refs.get(id(obj))
        if ref is not None:
            return ["H", self._link.number(ref)]
        if isinstance(obj, type):
            return self._class_row(obj)
        if isinstance(obj, BaseException):
            return self._error_row(encoder, obj)
        if type(obj) is object:  # a marker: the other side can do nothing with it but hand it back
            return self._lend(obj, "object")
        kind = self._lendable(obj)
        if kind == "library":
            return ["bf", faults.importable(obj)]
        if kind:
            return self._lend(obj, kind)
        return self._data_row(encoder, obj)

    def _write_method(self, encoder: Encoder, obj: RemoteMethod) -> Row:
        owner = obj.__self__
        slot = proxies.slot_of(owner)
        return ["M", self._link.number(slot.ref if slot else owner._grader_ref), obj._name]

    def _class_row(self, cls: type) -> Row:
        if cls in TYPE_NAMES:
            return ["T", TYPE_NAMES[cls]]
        name = faults.known_name(cls) if issubclass(cls, BaseException) else None
        if name:
            return ["E", name]
        library = faults.importable(cls)
        if library:
            return ["bf", library]
        if "objects" in self._link.trust:
            return self._lend(cls, "callable")
        raise CannotCross(
            f"the test's own class {cls.__name__} cannot be given to the submission; give it a function that makes "
            "one, or add `trust: [objects]` to rubric.yaml"
        )

    def _error_row(self, encoder: Encoder, error: BaseException) -> Row:
        number = self._number(error)
        cls = type(error)
        name = faults.known_name(cls)
        bases = tuple(filter(None, (faults.known_name(c) for c in cls.__mro__[1:])))[:1]
        form = name or encoder.value((cls.__name__, bases))
        return faults.write(encoder, error, form, number)

    def _lendable(self, obj: Any) -> str | None:
        kind, trust = type(obj), self._link.trust
        if isinstance(obj, types.FunctionType):
            return "library" if faults.importable(obj) else "function"
        if isinstance(obj, types.BuiltinFunctionType | types.MethodDescriptorType) or kind.__name__ == "ufunc":
            if faults.importable(obj):
                return "library"
            owner = getattr(obj, "__self__", None)
            return "callable" if type(owner) in _CONTAINERS or "bound_methods" in trust or "objects" in trust else None
        if isinstance(obj, types.MethodType):
            return "callable" if "bound_methods" in trust or "objects" in trust else None
        if isinstance(obj, functools.partial):
            return "callable"
        if isinstance(obj, unittest.mock.NonCallableMock):
            return "instance"
        if _is_iterator(obj):
            return "iterator"
        if "objects" in trust and not isinstance(obj, unittest.TestCase | types.ModuleType | types.FrameType):
            return "instance"
        return None

    def _number(self, obj: Any) -> int:
        key = _identity(obj)
        number = self._lent_numbers.get(key)
        if number is None:
            number = len(self._lent) + 1
            self._lent[number] = obj
            self._lent_numbers[key] = number
        return number

    def _lend(self, obj: Any, kind: str) -> Row:
        new = _identity(obj) not in self._lent_numbers
        number = self._number(obj)
        if kind == "function":
            return ["cb", number, kind, describe_function(obj) if new else None]
        return ["cb", number, kind, {"n": str(getattr(obj, "__name__", type(obj).__name__))}]

    def _data_row(self, encoder: Encoder, obj: Any) -> Row:
        fields = getattr(type(obj), "_fields", None)
        if isinstance(obj, tuple) and isinstance(fields, tuple):
            return ["nt", encoder.value(type(obj).__name__), encoder.value(fields), *encoder.values(obj)]
        base: Any
        for base in proxies.BUILTIN:
            if isinstance(obj, base):
                return ["t1", encoder.value(base(obj))]
        raise CannotCross(
            f"the test's {type(obj).__name__} object cannot be given to the submission: data, functions and objects of "
            "the submission can; for the test's own objects add `trust: [objects]` to rubric.yaml"
        )

    def call_back(self, number: Any, what: Any, args: Any, kwargs: Any) -> Any:
        """Do what the candidate asks of an object that was lent to it: call it, take its next item; more if trusted."""
        obj, kwargs = self._lent.get(number), kwargs or {}
        if obj is None or type(args) is not tuple or type(kwargs) is not dict:
            raise ProtocolError("a call to nothing that was lent")
        if what == "call" and callable(obj):
            return obj(*args, **kwargs)
        if what == "next" and _is_iterator(obj):
            return next(obj)
        mock = isinstance(obj, unittest.mock.NonCallableMock)
        if not (mock or "objects" in self._link.trust) or self._lendable(obj) != "instance":
            raise TypeError("the test did not lend this object for that")
        if mock and what == "get" and str(args[0]).startswith(_MOCK_CONTROLS):
            raise AttributeError(args[0])
        if what == "get" and type(args[0]) is str and not args[0].startswith("_"):
            return getattr(obj, args[0])
        actions: dict[Any, Callable[..., Any]] = {"len": len, "iter": iter, "str": str, "bool": bool, "item": getitem}
        return actions[what](obj, *args)


def _is_iterator(obj: Any) -> bool:
    """A generator or an iterator of the library: only its next item is ever asked for."""
    return type(obj).__module__ in _ITERATOR_MODULES and hasattr(type(obj), "__next__")


def _identity(obj: Any) -> Any:
    """What tells one lent object from another; a bound method is made anew at each look-up."""
    if isinstance(obj, types.MethodType):
        return id(obj.__self__), id(obj.__func__)
    if isinstance(obj, types.BuiltinMethodType) and obj.__self__ is not None:
        return id(obj.__self__), obj.__name__
    return id(obj)


def _refuse(text: str) -> Any:
    raise ProtocolError(text)


def _remote_class(cls: Any) -> Any:
    if type(cls) is not RemoteMeta:
        raise ProtocolError("a class that is none")
    return cls


def _fill_data(base: type) -> Any:
    def fill(decoder: Decoder, obj: Any, row: Row) -> None:
        if base is dict:
            _fill_dict(4)(decoder, obj, row)
        elif base is list:
            list.__setitem__(obj, slice(None), decoder.values(row[4:]))
        else:
            set.clear(obj)
            set.update(obj, decoder.values(row[4:]))

    return fill


def _make_class(desc: dict[str, Any], bases: list[Any]) -> type:
    """A stand-in class. Special methods exist where the class defines them; the rest is asked for by name."""
    defined = {n for n in desc["d"] if n in SPECIAL}
    space: dict[str, Any] = {n: proxies.special_method(n) for n in defined - _SHOWN}
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


_SENTINEL = _make_class({"n": "object", "q": "object", "m": "builtins", "doc": None, "d": [], "no": [], "me": []}, [])
"""The stand-in for the class of a bare `object()`."""

__all__ = ["NAMED_TYPES", "Holdings"]
