"""What the examiner holds of the candidate's objects, and the test's own objects that were lent to it."""

from __future__ import annotations

import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from grader.exam import faults, modules, proxies
from grader.exam.classes import SENTINEL, make_class
from grader.exam.codec import Decoder, Encoder, Reader, Row
from grader.exam.describe import make_function
from grader.exam.lending import Lending
from grader.exam.mirrors import DICT, LIST, SET
from grader.exam.modules import RemoteModule
from grader.exam.protocol import ProtocolError
from grader.exam.proxies import (
    Reference,
    RemoteData,
    RemoteFunction,
    RemoteMeta,
    RemoteMethod,
)
from grader.exam.values import NAMED_TYPES, _fill_dict, container

if TYPE_CHECKING:
    from grader.exam.link import Link

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test


class Held:
    """A bare mention of one of the candidate's objects."""

    __slots__ = ("ref",)

    def __init__(self, ref: Reference) -> None:
        self.ref = ref


class Holdings(Lending):
    """The examiner's codec."""

    Held = Held

    def __init__(self, link: Link) -> None:
        super().__init__(link)
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
            cls = SENTINEL
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
            made = make_class(desc, [decoder.value(b) for b in bases])
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
            cls = make_class(
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
            made = modules.generator(ref, str(name), self._link.step)
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


__all__ = ["NAMED_TYPES", "Holdings"]
