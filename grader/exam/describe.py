"""What one side tells the other about its functions and classes, as plain JSON: enough to build a stand-in.

Standard library only. Everything read back is checked: a description from the candidate is a claim.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

from grader.exam.protocol import ProtocolError

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

_NAMES = """
    abs add aenter aexit aiter and anext await bool bytes call ceil complex contains delitem divmod enter eq exit float
    floor floordiv format ge getitem gt hash iadd iand ifloordiv ilshift imatmul imod imul index int invert ior ipow
    irshift isub iter itruediv ixor le len length_hint lshift lt matmul missing mod mul ne neg next or pos pow radd rand
    rdivmod repr reversed rfloordiv rlshift rmatmul rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor setitem
    str sub truediv trunc xor
"""
_OPERATIONS = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"
SPECIAL = frozenset(f"__{name}__" for name in _NAMES.split())
"""Special methods that are looked up on the type and so must exist on a stand-in's class."""
BINARY = frozenset(f"__{prefix}{name}__" for name in _OPERATIONS.split() for prefix in ("", "r", "i"))
COMPARE = frozenset(("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"))
PRIVATE = (
    "pytest",
    "_pytest",
    "__pytest",
    "__test__",
    "__unittest",
    "__wrapped__",
    "__signature__",
    "_mock_",
    "__code__",
)
"""Beginnings of names that pytest, unittest and mock ask every object for; they never cross."""
MAX_TEXT = 4000
_KINDS = [
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
]
_TYPES = {
    t.__name__: t for t in (int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, object, type)
}

Description = dict[str, Any]


class Shown:
    """A default value or annotation that has only its text here."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _text(value: object) -> str | None:
    return value[:MAX_TEXT] if type(value) is str else None


def _show(value: Any) -> Any:
    """A JSON form of a default or annotation: `["="]` nothing, `["v", x]` data, `["t", name]` a type, `["r", text]`."""
    if value is inspect.Parameter.empty:
        return ["="]
    if value is None or type(value) in (bool, float) or (type(value) is int and abs(value) < 1 << 62):
        return ["v", value]
    if type(value) is str and value.isprintable():
        return ["v", value[:MAX_TEXT]]
    for name, known in _TYPES.items():
        if value is known:
            return ["t", name]
    try:
        return ["r", inspect.formatannotation(value)[:200]]
    except Exception:
        return ["r", "..."]


def _shown(form: Any) -> Any:
    tag, *rest = form
    if tag == "=":
        return inspect.Parameter.empty
    if tag == "t":
        return _TYPES[rest[0]]
    if tag == "v" and type(rest[0]) in (bool, float, int, str, type(None)):
        return rest[0]
    return Shown(str(rest[0])[:200])


def _signature(fn: Any) -> Any:
    try:
        signature = inspect.signature(fn)
    except Exception:  # a student's own object can raise anything here
        return None
    rows = [[p.name, int(p.kind), _show(p.default), _show(p.annotation)] for p in signature.parameters.values()]
    return [rows, _show(signature.return_annotation)]


def describe_function(fn: Any) -> Description:
    """Names, document, signature, of which kind it is, and whether it has attributes of its own."""
    return {
        "n": _text(getattr(fn, "__name__", None)) or "function",
        "q": _text(getattr(fn, "__qualname__", None)) or "",
        "m": _text(getattr(fn, "__module__", None)) or "",
        "doc": _text(getattr(fn, "__doc__", None)),
        "sig": _signature(fn),
        "co": inspect.iscoroutinefunction(fn),
        "gen": inspect.isgeneratorfunction(fn),
        "own": bool(set(vars(fn)) - {"__wrapped__"}),
    }


def make_function(desc: Description, invoke: Callable[..., Any]) -> types.FunctionType:
    """A real function that calls `invoke` and looks as described. Raises ProtocolError."""
    if desc.get("co"):

        async def stand_in(*args: Any, **kwargs: Any) -> Any:
            return invoke(*args, **kwargs)
    elif desc.get("gen"):

        def stand_in(*args: Any, **kwargs: Any) -> Any:  # type: ignore[misc]
            return (yield from invoke(*args, **kwargs))
    else:

        def stand_in(*args: Any, **kwargs: Any) -> Any:  # type: ignore[misc]
            return invoke(*args, **kwargs)

    stand_in.__code__ = _nowhere(stand_in.__code__)
    try:
        stand_in.__name__ = desc["n"]
        stand_in.__qualname__ = desc["q"]
        stand_in.__module__ = desc["m"]
        stand_in.__doc__ = _text(desc["doc"])
        stand_in.__annotations__ = {}
        if desc.get("sig"):
            _sign(stand_in, desc["sig"])
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise ProtocolError(f"a function that makes no sense: {error}") from None
    return stand_in  # type: ignore[return-value]


@functools.cache
def _nowhere(code: types.CodeType) -> types.CodeType:
    """The same code in no file: `inspect.getsource` must not take this module's text for the student's."""
    return code.replace(co_filename="<submission>")


def make_signature(form: Any) -> inspect.Signature:
    """The signature of a description. Raises ProtocolError."""
    try:
        rows, returns = form
        parameters = [
            inspect.Parameter(name, _KINDS[kind], default=_shown(default), annotation=_shown(annotation))
            for name, kind, default, annotation in rows
        ]
        return inspect.Signature(parameters, return_annotation=_shown(returns))
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise ProtocolError(f"a signature that makes no sense: {error}") from None


def _sign(fn: Any, form: Any) -> None:
    fn.__signature__ = make_signature(form)
    notes = {p.name: p.annotation for p in fn.__signature__.parameters.values() if p.annotation is not p.empty}
    if fn.__signature__.return_annotation is not inspect.Signature.empty:
        notes["return"] = fn.__signature__.return_annotation
    fn.__annotations__ = notes
    defaults = [(p.name, p.kind, p.default) for p in fn.__signature__.parameters.values() if p.default is not p.empty]
    fn.__defaults__ = tuple(d for _, kind, d in defaults if kind in _KINDS[:2]) or None
    fn.__kwdefaults__ = {n: d for n, kind, d in defaults if kind is _KINDS[3]} or None


def describe_class(cls: type) -> Description:
    """Names, document, the special methods and the plain methods the class itself defines."""
    space = type.__dict__["__dict__"].__get__(cls)
    special = [n for n in SPECIAL if n in space and space[n] is not None]
    return {
        "n": _text(type.__dict__["__name__"].__get__(cls)) or "object",
        "q": _text(type.__dict__["__qualname__"].__get__(cls)) or "",
        "m": _text(space.get("__module__")) or "",
        "doc": _text(space.get("__doc__")),
        "d": special,
        "no": [n for n in SPECIAL if n in space and space[n] is None],
        "sig": _signature(cls),
        "me": [n for n, v in space.items() if type(v) is types.FunctionType and type(n) is str],
    }


def special(obj: Any, name: str) -> Callable[..., Any]:
    """The bound special method of `obj`, looked up on its type as Python does. Raises AttributeError."""
    for cls in type(obj).__mro__:
        if name in vars(cls):
            attribute = vars(cls)[name]
            bind = getattr(type(attribute), "__get__", None)
            return bind(attribute, obj, type(obj)) if bind else attribute  # type: ignore[no-any-return]
    raise AttributeError(f"{type(obj).__name__!r} object has no attribute {name!r}")
