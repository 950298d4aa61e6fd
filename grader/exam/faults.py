"""Exceptions on the wire: a fixed table of well-known classes, others as local classes made on the fly.

A class is never imported by a name that the other side gives: the table is ours, and holds subclasses of `Exception`,
`SystemExit`, which a command-line program's `main()` raises lawfully, and two that a test's stand-in for `input()` may
raise in the submission. Which of them a test sees raised is the link's decision. Standard library only.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from itertools import chain
from typing import Any

from grader.exam.codec import CannotCross, Decoder, Encoder, Row
from grader.exam.protocol import ProtocolError

LIBRARY = {
    "json": ["JSONDecodeError"],
    "decimal": ["DecimalException", "InvalidOperation", "DivisionByZero", "Inexact", "Overflow", "Rounded"],
    "re": ["error"],
    "struct": ["error"],
    "binascii": ["Error"],
    "csv": ["Error"],
    "copy": ["Error"],
    "queue": ["Empty", "Full"],
    "statistics": ["StatisticsError"],
    "dataclasses": ["FrozenInstanceError"],
    "configparser": ["Error", "NoSectionError", "NoOptionError", "ParsingError"],
    "zipfile": ["BadZipFile"],
    "sqlite3": ["Error", "DatabaseError", "IntegrityError", "OperationalError"],
    "asyncio": ["InvalidStateError", "QueueEmpty", "QueueFull"],
    "concurrent.futures": ["BrokenExecutor"],
    "graphlib": ["CycleError"],
    "xml.etree.ElementTree": ["ParseError"],
    "numpy.linalg": ["LinAlgError"],
    "numpy.exceptions": ["AxisError", "DTypePromotionError"],
    "sklearn.exceptions": ["NotFittedError"],
    "pandas.errors": ["MergeError", "ParserError", "EmptyDataError", "IntCastingNaNError", "OutOfBoundsDatetime"],
}
MAX_CAUSES = 5
_IMPORTABLE = frozenset(sys.stdlib_module_names) | {"numpy", "sklearn", "pandas"}


def _builtin_table() -> dict[str, type[BaseException]]:
    found = {
        name: cls
        for name, cls in vars(builtins).items()
        if isinstance(cls, type) and issubclass(cls, Exception) and cls.__name__ == name
    }
    return {**found, "SystemExit": SystemExit, "KeyboardInterrupt": KeyboardInterrupt, "GeneratorExit": GeneratorExit}


BUILTIN = _builtin_table()
_library: dict[str, type[BaseException]] = {}


def known(name: Any) -> type[BaseException] | None:
    """The class of a name in the table, importing only what the table lists."""
    if type(name) is not str:
        return None
    if name in BUILTIN or name in _library:
        return BUILTIN.get(name) or _library[name]
    module, _, short = name.rpartition(".")
    if short not in LIBRARY.get(module, ()):
        return None
    cls = getattr(importlib.import_module(module), short, None)
    if not (isinstance(cls, type) and issubclass(cls, Exception)):
        return None
    _library[name] = cls
    return cls


def known_name(cls: type) -> str | None:
    """The table's name of a class, or None. Only modules already imported are looked at."""
    name = cls.__name__
    if BUILTIN.get(name) is cls:
        return name
    for module, names in LIBRARY.items():
        if name in names and getattr(sys.modules.get(module), name, None) is cls:
            return f"{module}.{name}"
    return None


def text_of(error: BaseException) -> str:
    """`str(error)`, whatever the class does in `__str__`."""
    try:
        return str(error)[:10_000]
    except BaseException as other:  # a student's __str__ may raise anything
        return f"<{type(error).__name__} whose text cannot be shown: {type(other).__name__}>"


def write(encoder: Encoder, error: BaseException, cls: Any, number: int | None) -> Row:
    """The row of an exception: class, handle number, text, args, attributes, cause, context."""
    causes = []
    for attribute in ("__cause__", "__context__"):
        other = getattr(error, attribute, None)
        depth = len(encoder.rows)
        crosses = isinstance(other, Exception) and other is not error and depth < 1000
        causes.append(encoder.value(other) if crosses and _depth(other) < MAX_CAUSES else None)
    extra = {"name": error.name, "path": error.path} if isinstance(error, ImportError) else {}
    if isinstance(error, OSError):
        fields = {"filename": error.filename, "errno": error.errno, "strerror": error.strerror}
        extra = {k: v for k, v in fields.items() if v is not None}  # None as a file's name would be shown
    attributes = {**extra, **{k: v for k, v in vars(error).items() if type(k) is str and k != "__notes__"}}
    args = BaseException.__dict__["args"].__get__(error)
    if isinstance(error, BaseExceptionGroup):
        args = (error.message, error.exceptions)
    pairs = tuple(chain.from_iterable(attributes.items()))  # a tuple, whole before the exception is built
    text = encoder.value(text_of(error))
    return ["x", cls, number, text, encoder.value(args), encoder.value(pairs), *causes]


def _depth(error: BaseException | None) -> int:
    depth, seen = 0, set()
    while error is not None and id(error) not in seen and depth <= MAX_CAUSES:
        seen.add(id(error))
        depth, error = depth + 1, error.__cause__ or error.__context__
    return depth


def build(cls: type[BaseException], args: Any, attributes: Any) -> BaseException:
    """An exception of a table's class or a local one. Raises ProtocolError."""
    if type(args) is not tuple or type(attributes) is not tuple:
        raise ProtocolError("an exception without arguments")
    error = _construct(cls, args)
    for name, value in zip(attributes[::2], attributes[1::2], strict=True):
        if type(name) is str and not name.startswith("__") and not isinstance(error, UnicodeError):
            try:
                BaseException.__setattr__(error, name, value)
            except (AttributeError, TypeError, ValueError):
                continue  # a read-only field of a C class: the constructor has set it from args
    return error


def _construct(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    if type(cls) is type and cls.__module__ == "builtins":
        if issubclass(cls, UnicodeEncodeError | UnicodeDecodeError | UnicodeTranslateError):
            _check_span(args[-4:])
        try:
            return cls(*args)
        except (TypeError, ValueError):
            raise ProtocolError(f"a {cls.__name__} with arguments it does not take") from None
    error = cls.__new__(cls, *args)
    BaseException.__setattr__(error, "args", args)
    return error


def _check_span(args: tuple[Any, ...]) -> None:
    """Raise ProtocolError unless start and end lie inside the object: `str()` of such an error reads memory by them."""
    obj, start, end = args[:3] if len(args) == 4 else ("", 0, 0)
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= len(obj):
        raise ProtocolError("a UnicodeError that points outside its text")


def attach(decoder: Decoder, error: BaseException, row: Row) -> BaseException:
    """Attach cause and context of a row to `error`."""
    cause, context = (decoder.value(form) for form in row[6:8])
    if isinstance(cause, BaseException):
        error.__cause__ = cause
    if isinstance(context, BaseException):
        error.__context__ = context
    error.__suppress_context__ = True
    return error


def importable(obj: Any) -> str | None:
    """`module:qualname` of a library's function or class that the other side can import by itself, else None."""
    module, name = (
        getattr(obj, "__module__", None),
        getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None),
    )
    if type(module) is not str and type(name) is str and hasattr(obj, "__objclass__"):
        module = obj.__objclass__.__module__
    if type(module) is not str and type(obj).__name__ == "ufunc":
        module = "numpy"
    if type(module) is not str or type(name) is not str:
        return None
    if module.partition(".")[0] not in _IMPORTABLE or module.startswith(("unittest", "__main__")):
        return None
    try:
        return f"{module}:{name}" if resolve(f"{module}:{name}") is obj else None
    except (AttributeError, ImportError):
        return None


def resolve(name: str) -> Any:
    """What `module:qualname` names."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


__all__ = [
    "BUILTIN",
    "CannotCross",
    "attach",
    "build",
    "importable",
    "known",
    "known_name",
    "resolve",
    "text_of",
    "write",
]
