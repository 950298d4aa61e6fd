"""The test's own objects, lent to the submission by number: what it may do with each, and nothing more."""

from __future__ import annotations

import functools
import types
import unittest
import unittest.mock
from collections.abc import Callable
from operator import getitem
from typing import TYPE_CHECKING, Any

from grader.exam import faults, proxies
from grader.exam.codec import CannotCross, Codec, Encoder, Row
from grader.exam.describe import describe_function
from grader.exam.protocol import ProtocolError
from grader.exam.values import TYPE_NAMES

if TYPE_CHECKING:
    from grader.exam.link import Link

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

_MOCK_CONTROLS = ("assert_", "mock_", "reset_mock", "configure_mock", "attach_mock", "side_effect", "return_value")
"""Attributes by which a test asks or steers its mock: the submission sees only what the mock stands for."""
_CONTAINERS = (list, dict, set, tuple, str, bytes, frozenset)
_ITERATOR_MODULES = ("builtins", "itertools", "_csv")


class Lending(Codec):
    """The examiner's codec, as far as the test's own objects go."""

    def __init__(self, link: Link) -> None:
        super().__init__(first=0)
        self._link = link
        self._lent: dict[int, Any] = {}
        self._lent_numbers: dict[Any, int] = {}

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
