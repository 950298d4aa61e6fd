"""The candidate's objects that the examiner holds by number, and the test's objects that the candidate holds.

What is not plain data stays here; the examiner gets a number, and a description of the class the first time.
Standard library only.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from grader.exam import faults
from grader.exam.codec import CannotCross, Codec, Decoder, Encoder, Reader, Row
from grader.exam.describe import describe_class, describe_function, make_function
from grader.exam.mirrors import DICT, LIST, SET, Kind
from grader.exam.values import TYPE_NAMES

CallTest = Callable[..., Any]


def _exact_bytes(obj: bytes) -> bytes:
    return bytes(memoryview(obj))


BASES: list[tuple[type, str, Callable[[Any], Any]]] = [
    (int, "vi", int.__pos__),
    (float, "vi", float.__pos__),
    (complex, "vi", complex.__pos__),
    (str, "vi", str.__str__),
    (bytes, "vi", _exact_bytes),
    (tuple, "vi", lambda o: tuple(tuple.__iter__(o))),
    (frozenset, "vi", lambda o: frozenset(frozenset.__iter__(o))),
]
"""Immutable built-ins whose subclasses cross as the raw base's contents, with the class beside them."""
SHARED_BASES: list[tuple[type, str, Kind, Callable[[Any], Any]]] = [
    (list, "vl", LIST, list.__iter__),
    (dict, "vd", DICT, lambda o: [x for pair in dict.items(o) for x in pair]),
    (set, "vs", SET, set.__iter__),
]


class Borrowed:
    """The test's object here: calling it, or taking its next item, happens over there."""

    _grader_number: int
    _grader_call: CallTest

    def __init__(self, number: int, call_test: CallTest, name: str) -> None:
        self.__dict__.update(_grader_number=number, _grader_call=call_test, __name__=name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._grader_call(self._grader_number, "call", *args, **kwargs)


class BorrowedIterator(Borrowed):
    """An iterator of the test."""

    def __iter__(self) -> BorrowedIterator:
        return self

    def __next__(self) -> Any:
        return self._grader_call(self._grader_number, "next")


class BorrowedInstance(Borrowed):
    """An object of the test that the suite trusts to student code (`trust: [objects]`); it cannot be changed here."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._grader_call(self._grader_number, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("an object of the test cannot be changed from the submission")

    def __len__(self) -> int:
        return int(self._grader_call(self._grader_number, "len"))

    def __iter__(self) -> Any:
        return iter(self._grader_call(self._grader_number, "iter"))

    def __getitem__(self, key: Any) -> Any:
        return self._grader_call(self._grader_number, "item", key)

    def __str__(self) -> str:
        return str(self._grader_call(self._grader_number, "str"))

    def __bool__(self) -> bool:
        return bool(self._grader_call(self._grader_number, "bool"))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self._grader_number)


class Belongings(Codec):
    """The candidate's codec. `call_test(number, what, *args, **kwargs)` reaches the test's objects."""

    def __init__(self, call_test: CallTest) -> None:
        super().__init__(first=1)
        self._call_test = call_test
        self._objects: dict[int, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._described: set[int] = set()
        self._next = 1
        self._theirs: dict[int, Any] = {}
        self._their_numbers: dict[int, int] = {}
        self._named: dict[tuple[str, tuple[str, ...]], type] = {}
        self.readers |= {
            "H": Reader(lambda d, r: self._objects[r[1]][0], needs=0),
            "M": Reader(lambda d, r: getattr(self._objects[r[1]][0], r[2]), needs=0),
            "Hm": Reader(lambda d, r: importlib.import_module(r[1]), needs=0),
            "cb": Reader(self._read_callback, needs=0),
            "bf": Reader(lambda d, r: faults.resolve(r[1]), needs=0),
            "E": Reader(lambda d, r: faults.known(r[1]), needs=0),
            "x": Reader(self._read_exception),
            "nt": Reader(self._read_namedtuple),
        }

    # the student's objects, by number

    def keep(self, obj: Any, *, forever: bool = False) -> int:
        """The number of `obj`, which from now on is held once more for the examiner."""
        number = self._numbers.get(id(obj))
        if number is None:
            number, self._next = self._next, self._next + 1
            self._numbers[id(obj)] = number
            self._objects[number] = [obj, 0]
        self._objects[number][1] += sys.maxsize if forever else 1
        return number

    def release(self, freed: Any) -> None:
        """Give up what the examiner no longer holds: pairs of number and how often it had received it."""
        for number, count in freed:
            held = self._objects.get(number)
            if held is None:
                continue
            held[1] -= count
            if held[1] <= 0:
                del self._objects[number], self._numbers[id(held[0])]

    def _send(self, encoder: Encoder, obj: Any, *, forever: bool = False) -> int:
        """Keep `obj` for this message; its number."""
        number = self.keep(obj, forever=forever)
        encoder.rollback.append(partial(self.release, [(number, sys.maxsize if forever else 1)]))
        return number

    def _introduce(self, encoder: Encoder, obj: Any) -> tuple[int, bool]:
        """The number of a class or function, and whether the examiner still needs its description."""
        number = self._send(encoder, obj, forever=True)
        new = number not in self._described
        if new:
            self._described.add(number)
            encoder.rollback.append(partial(self._described.discard, number))
        return number, new

    def foreign(self, encoder: Encoder, obj: Any) -> Row:
        kind = type(obj)
        their = self._their_numbers.get(id(obj))
        if their is not None:
            return ["H", their]
        if issubclass(kind, type):
            return self._class_row(encoder, obj)
        if kind is types.FunctionType:
            number, new = self._introduce(encoder, obj)
            return ["f", number, describe_function(obj) if new else None]
        if kind is types.ModuleType or issubclass(kind, types.ModuleType):
            return ["m", self._send(encoder, obj, forever=True), obj.__name__]
        if kind is types.GeneratorType:
            return ["g", self._send(encoder, obj), obj.__name__]
        if kind is types.CoroutineType:
            return ["co", self._send(encoder, obj), obj.__name__]
        if issubclass(kind, BaseException):
            return self._exception_row(encoder, obj)
        return self._subclass_row(encoder, obj) or self._handle_row(encoder, obj)

    def _class_row(self, encoder: Encoder, cls: type) -> Row:
        if cls in TYPE_NAMES:
            return ["T", TYPE_NAMES[cls]]
        if issubclass(cls, BaseException):
            name = faults.known_name(cls)
            if name:
                return ["E", name]
        number, new = self._introduce(encoder, cls)
        if not new:
            return ["k", number, None]
        return ["k", number, describe_class(cls), *[encoder.value(b) for b in cls.__bases__]]

    def _handle_row(self, encoder: Encoder, obj: Any) -> Row:
        return ["h", self._send(encoder, obj), encoder.value(type(obj))]

    def _subclass_row(self, encoder: Encoder, obj: Any) -> Row | None:
        kind = type(obj)
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(obj, numpy.ndarray) and kind.__module__.partition(".")[0] != "numpy":
            return ["t1", encoder.value(numpy.asarray(obj))]
        for base, tag, raw in BASES:
            if issubclass(kind, base):
                number = self._send(encoder, obj)
                return [tag, number, encoder.value(kind), encoder.value(raw(obj))]
        for base, tag, watch, elements in SHARED_BASES:
            if issubclass(kind, base):
                return encoder.mirror(obj, watch, partial(self._shared_row, encoder, obj, tag, elements))
        return None

    def _shared_row(self, encoder: Encoder, obj: Any, tag: str, elements: Any, mirror: int) -> Row:
        number = self._send(encoder, obj)
        return [tag, mirror, number, encoder.value(type(obj)), *encoder.values(list(elements(obj)))]

    def _exception_row(self, encoder: Encoder, error: BaseException) -> Row:
        origin = vars(error).get("_grader_origin")
        if type(origin) is int:
            return ["H", origin]
        name = faults.known_name(type(error))
        cls = encoder.value(name) if name else encoder.value(type(error))
        number = None if name else self._send(encoder, error)
        return faults.write(encoder, error, cls, number)

    # the test's objects

    def _read_callback(self, decoder: Decoder, row: Row) -> Any:
        _, number, kind, desc = row
        if number in self._theirs:
            return self._theirs[number]
        call = partial(self._call_test, number, "call")
        if kind == "function":
            made: Any = make_function(desc, call)
        elif kind == "object":
            made = object()
        else:
            made = {"callable": Borrowed, "iterator": BorrowedIterator, "instance": BorrowedInstance}[kind](
                number, self._call_test, desc.get("n", "object")
            )
        self._theirs[number] = made
        self._their_numbers[id(made)] = number
        return made

    def _read_exception(self, decoder: Decoder, row: Row) -> BaseException:
        _, cls, number, text, args, attributes, *_ = row
        name, bases = decoder.value(cls) if type(cls) is list else (cls, ())
        known = faults.known(name)
        made = known or self._local_class(name, bases)
        error = faults.build(made, decoder.value(args), decoder.value(attributes))
        if not known:
            vars(error)["_grader_text"] = decoder.value(text)
        if number is not None:
            try:
                error._grader_origin = number  # type: ignore[attr-defined]
            except AttributeError:
                return error
        return error

    def _local_class(self, name: str, bases: tuple[str, ...]) -> type[BaseException]:
        key = (name, tuple(bases))
        if key not in self._named:
            above = tuple(faults.known(b) or Exception for b in bases) or (Exception,)
            self._named[key] = type(name, above, {"__str__": lambda e: vars(e).get("_grader_text", "")})
        return self._named[key]

    def _read_namedtuple(self, decoder: Decoder, row: Row) -> Any:
        from collections import namedtuple

        name, fields, *values = decoder.values(row[1:])
        key = (name, tuple(fields))
        if key not in self._named:
            self._named[key] = namedtuple(name, fields)  # noqa: PYI024 (its fields are data here)
        return self._named[key](*values)


__all__ = ["Belongings", "CannotCross"]
