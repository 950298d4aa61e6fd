"""The process that runs a student's code and answers the examiner's requests, one reply to each.

Nothing here judges. The student can reach all of it and forge any reply; a reply is a claim, and the examiner treats
it so. Standard library only; it holds no test, no data of the rubric and no secret.
"""

from __future__ import annotations

import builtins
import importlib
import operator
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from grader.exam import describe, faults, program, protocol, streams
from grader.exam.belongings import Belongings
from grader.exam.codec import CannotCross
from grader.exam.faults import text_of
from grader.exam.kernel import Kernel

PRINT = builtins.print
MAX_WARNINGS = 100
"""Most warnings that travel with one reply."""

NO_KEYWORDS: MappingProxyType[str, Any] = MappingProxyType({})
Head = dict[str, Any]


class Candidate:
    """Serves requests read from one descriptor and replies on another."""

    def __init__(self, source: int, sink: int, work: Path, kernel: Kernel | None = None) -> None:
        self._source = source
        self._sink = sink
        self._work = work
        self._kernel = kernel
        self._nonce = 0
        self._turn = threading.RLock()
        self._outstanding = False
        self.codec = Belongings(self.call_test)
        self._kept = streams.install(self._ask)
        self._warnings: list[Warning] = []
        warnings.simplefilter("always")
        warnings.showwarning = self._warn

    def serve(self) -> None:
        """Answer until the stream ends."""
        while True:
            payload = self._receive()
            if payload is None:
                return
            self._outstanding = True
            reply = self._reply(payload)
            del payload
            with self._turn:
                self._outstanding = False
                self._send(reply)

    def _reply(self, payload: bytes) -> bytes:
        try:
            head, values = self._decode(payload)
        except protocol.ProtocolError as error:  # a value that this sandbox has no library for
            return self._encode({"r": "cross"}, v=f"the submission cannot be given this value: {error}")
        return self._answer(head, values)

    def _receive(self) -> bytes | None:
        try:
            self._nonce, payload = protocol.read_frame(self._source)
        except EOFError:
            return None
        return payload

    def _send(self, payload: bytes) -> None:
        protocol.write_frame(self._sink, self._nonce, payload)

    def _decode(self, payload: bytes) -> tuple[Head, dict[str, Any]]:
        head, decoder = self.codec.decode(payload)
        self.codec.release(head.get("free", ()))
        return head, {name: decoder.value(head[name]) for name in ("o", "a", "k", "v", "e") if name in head}

    def _answer(self, head: Head, values: dict[str, Any]) -> bytes:
        try:
            builtins.print = self._print if head.get("print") else PRINT
            with _numpy_errors(head.get("np")):
                result = getattr(self, f"do_{head['op']}")(head, **values)
        except BaseException as error:  # the student's failure is a value, SystemExit and the like included
            return self._failure(error)
        try:
            return self._encode({"r": "ok"}, v=result)
        except CannotCross as error:
            return self._encode({"r": "cross"}, v=f"{error} (the value that could not cross: {_brief(result)})")
        except BaseException as error:
            return self._failure(error)

    def _failure(self, error: BaseException) -> bytes:
        where = _where(error, self._work)
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
        if not isinstance(error, Exception) and faults.known_name(type(error)) is None:
            error = RuntimeError(f"the submission raised {type(error).__name__}: {text_of(error)}")
        try:
            return self._encode({"r": "err", "tb": where}, e=error)
        except BaseException as other:
            text = f"{type(error).__name__}: {text_of(error)} (its contents cannot cross: {text_of(other)})"
            return self._encode({"r": "err", "tb": where}, e=RuntimeError(text))

    def _encode(self, head: Head, **values: Any) -> bytes:
        printed = self._kept.take()
        if printed:
            head["out"] = printed
        if self._warnings:
            values["wn"], self._warnings = self._warnings, []
        return self.codec.encode(head, **values)

    def _warn(self, message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if len(self._warnings) < MAX_WARNINGS:
            self._warnings.append(message if isinstance(message, Warning) else category(message))

    # what the student's code asks of the test

    def _ask(self, what: str, argument: Any) -> Any:
        return self._exchange({"r": "in", "w": what}, a=argument)

    def _print(self, *words: Any, file: Any = None, **options: Any) -> None:
        if file is None or file is sys.stdout:
            self._ask("print", (words, options))
        else:
            PRINT(*words, file=file, **options)

    def call_test(self, number: int, what: str, *args: Any, **kwargs: Any) -> Any:
        """Let the test's object `number` do `what` ("call", "next", …) and return what it returns, or raise."""
        return self._exchange({"r": "cb", "f": number, "w": what}, a=args, **({"k": kwargs} if kwargs else {}))

    def _exchange(self, head: Head, **values: Any) -> Any:
        with self._turn:
            if not self._outstanding:
                raise RuntimeError("the test is not waiting for this code, so it cannot be asked anything now")
            self._send(self._encode(head, **values))
            while True:
                payload = self._receive()
                if payload is None:
                    os._exit(0)
                answer, found = self._decode(payload)
                if answer["op"] == "ret":
                    return found["v"]
                if answer["op"] == "raise":
                    raise found["e"]
                self._send(self._answer(answer, found))

    # requests

    def do_import(self, head: Head) -> ModuleType:
        return importlib.import_module(head["m"])

    def do_names(self, head: Head) -> list[str]:
        module = importlib.import_module(head["m"])
        chosen = getattr(module, "__all__", None)
        if chosen is not None:
            return [str(n) for n in chosen]
        skip = (ModuleType, type(len))
        return [n for n, v in vars(module).items() if not n.startswith("_") and not isinstance(v, skip)]

    def do_path(self, head: Head) -> int:
        found: Any = importlib.import_module(head["m"])
        for part in filter(None, head["q"].split(".")):
            found = getattr(found, part)
        return self.codec.keep(found, forever=True)

    def do_get(self, head: Head, o: Any) -> Any:
        if isinstance(o, ModuleType) and head["n"] == "__dict__":
            raise AttributeError("__dict__")
        return getattr(o, head["n"])

    def do_set(self, head: Head, o: Any, v: Any) -> None:
        setattr(o, head["n"], v)

    def do_del(self, head: Head, o: Any) -> None:
        delattr(o, head["n"])

    def do_call(self, head: Head, o: Any, a: Any, k: Any = NO_KEYWORDS) -> Any:
        return o(*a, **k)

    def do_method(self, head: Head, o: Any, a: Any, k: Any = NO_KEYWORDS) -> Any:
        return getattr(o, head["n"])(*a, **k)

    def do_special(self, head: Head, o: Any, a: Any, k: Any = NO_KEYWORDS) -> Any:
        return special(o, head["n"], a, k)

    def do_space(self, head: Head, o: Any) -> Any:
        return vars(o)[head["n"]] if head["n"] else list(vars(o))

    def do_seed(self, head: Head, v: Any) -> None:
        module = importlib.import_module(head["m"])
        getattr(module, "seed")(v)  # noqa: B009  (the module is random or numpy.random)

    def do_async(self, head: Head, o: Any, a: Any, k: Any = NO_KEYWORDS) -> Any:
        return program.run_coroutine(o(*a, **k))

    def do_await(self, head: Head, o: Any) -> Any:
        return program.run_coroutine(o)

    def do_generator(self, head: Head, o: Any, v: Any) -> Any:
        return {"send": o.send, "throw": o.throw, "close": lambda _: o.close()}[head["n"]](v)

    def do_run(self, head: Head, v: Any) -> Any:
        return program.run(self._work, **v)

    def do_read(self, head: Head, v: Any) -> bytes:
        return program.read(self._work, v)

    def do_notebook(self, head: Head, v: Any) -> bytes:
        """Execute the notebook's cells where it lies; what the executor says of them."""
        if self._kernel is None:
            raise RuntimeError("this sandbox has no notebook kernel")
        folder = (self._work / head["path"]).parent
        os.chdir(folder)
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        return self._kernel.run(v)

    def do_variable(self, head: Head) -> Any:
        if self._kernel is None:
            raise KeyError(head["n"])
        return self._kernel.names[head["n"]]

    def do_variables(self, head: Head) -> list[str]:
        names = self._kernel.names if self._kernel else {}
        return sorted(n for n in names if type(n) is str and not n.startswith("_"))

    def do_free(self, head: Head) -> None:
        return None


def _numpy_errors(state: dict[str, str] | None) -> AbstractContextManager[Any]:
    """The error state of numpy that the test asks for."""
    if state is None:
        return nullcontext()
    return importlib.import_module("numpy").errstate(**state)  # type: ignore[no-any-return]


CLASS_OPERATIONS: dict[str, Callable[..., Any]] = {
    "__getitem__": operator.getitem,
    "__contains__": operator.contains,
    "__iter__": iter,
    "__len__": len,
    "__repr__": repr,
    "__str__": str,
}
"""What can be asked of a class itself: an Enum's members, a generic's parameters."""


def special(obj: Any, name: str, args: Any, kwargs: Any) -> Any:
    """Call a special method; for a class, the operation that reaches its metaclass."""
    if name == "__dir__":
        return dir(obj)
    if isinstance(obj, type):
        return CLASS_OPERATIONS[name](obj, *args)
    if name in ("__copy__", "__deepcopy__"):
        import copy

        return copy.copy(obj) if name == "__copy__" else copy.deepcopy(obj)
    return describe.special(obj, name)(*args, **kwargs)


def _brief(value: Any) -> str:
    try:
        return repr(value)[:200]
    except BaseException:  # a student's __repr__ may raise anything
        return f"a {type(value).__name__}"


def _where(error: BaseException, work: Path) -> str:
    """The student's part of a traceback: file, line, function and source of the last eight frames."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__)[-40:]:
        path = Path(frame.filename)
        if path.is_relative_to(work):
            lines.append(f"  {path.relative_to(work)}:{frame.lineno} in {frame.name}\n    {frame.line}")
    return "\n".join(["In the submission:", *lines[-8:]]) if lines else ""


def _descriptors() -> tuple[int, int]:
    """Take the protocol's descriptors out of the way: 0 reads nothing, 1 writes to the log like 2."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return source, sink


def main() -> None:
    """Import what the image preloads, receive the submission's files, and serve."""
    source, sink = _descriptors()
    kernel = Kernel() if os.environ.get("GRADER_KERNEL") else None
    protocol.preload(source)
    work = Path(os.environ.get("GRADER_WORK") or Path.cwd()).resolve()
    try:
        nonce, payload = protocol.read_frame(source)
    except EOFError:
        return
    protocol.unpack_files(payload, work)
    os.chdir(work)
    sys.path[:] = [str(work), *([str(work / "src")] if (work / "src").is_dir() else []), *_library_path()]
    candidate = Candidate(source, sink, work, kernel)
    protocol.write_frame(sink, nonce, protocol.pack({"r": "ready"}, []))
    candidate.serve()


def _library_path() -> list[str]:
    return [p for p in sys.path if p]
