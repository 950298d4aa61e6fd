"""The examiner's end of the conversation with the candidate: one request out, one reply back, nested as calls nest."""

from __future__ import annotations

import builtins
import sys
import threading
import time
import warnings
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from grader.exam import protocol
from grader.exam.codec import CannotCross
from grader.exam.describe import COMPARE
from grader.exam.holdings import Holdings
from grader.exam.modules import RemoteModule
from grader.exam.protocol import Kind, ProtocolError
from grader.exam.proxies import Reference, RemoteMeta, RemoteMethod

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

MAX_PRINTED = 200_000
"""Most characters of the candidate's output passed on to one test."""
_PRINT = builtins.print
_NUMPY_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
MAX_TRACE = 2000
CALL = 600.0
"""Longest wait for one reply in seconds, when no test's deadline is nearer."""


class CandidateGone(BaseException):
    """Raised in a test when the candidate ended instead of replying.

    Not an `Exception`, so that a test's `assertRaises(Exception)` is not satisfied by a crash.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(detail)


def _keywords(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments as a field of a request, which most calls do without."""
    return {"k": kwargs} if kwargs else {}


def _is_outcome(error: BaseException) -> bool:
    outcomes = sys.modules.get("_pytest.outcomes")
    return outcomes is not None and isinstance(error, outcomes.OutcomeException)


_JUDGES = ("pytest", "_pytest", "unittest", "grader", "numpy", "pandas")


def _steers(name: str, importer: dict[str, Any]) -> bool:
    """Whether a star import of `name` could change what a test judges by: a built-in, a module, an assertion."""
    found = importer.get(name)
    local = isinstance(found, ModuleType) and type(found) is not RemoteModule
    home = getattr(found, "__module__", None) if callable(found) and type(found) is not RemoteMeta else None
    return hasattr(builtins, name) or local or (type(home) is str and home.partition(".")[0] in _JUDGES)


def _importer() -> dict[str, Any]:
    """The globals of the test file whose import is under way."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(("grader.exam.", "importlib.")):
        frame = frame.f_back
    return {} if frame is None else frame.f_globals


class Link:
    """Requests to the candidate over the broker's frames. `send(kind, payload)` writes one, `receive()` reads one."""

    def __init__(
        self,
        send: Callable[[Kind, bytes], None],
        receive: Callable[[], tuple[int, bytes]],
        trust: frozenset[str] = frozenset(),
    ) -> None:
        self._send = send
        self._receive = receive
        self.trust = trust
        self.life = 1
        self.busy = False
        self.gone: CandidateGone | None = None
        self.deadline = float("inf")
        self.printed: list[str] = []
        self.crossed = ""
        """What of this test could not be given to the submission: `raises(TypeError)` must not be content with that."""
        self.trace = ("", "")
        """The name of the last exception's class, and where in the submission it was raised."""
        self.collecting = False
        """Whether test files are being imported: there, SystemExit would end pytest itself."""
        self._outcome: BaseException | None = None
        """What a callback ended the test with, until the call it was made from has ended too."""
        self._lock = threading.RLock()
        self.codec = Holdings(self)

    # requests

    def request(self, head: dict[str, Any], **values: Any) -> Any:
        """Send one request and return its answer, serving what the candidate asks meanwhile. Raises what it raised."""
        with self._lock:
            self._check()
            busy, self.busy = self.busy, True
            try:
                return self._converse(self._encode(head, **values))
            finally:
                self.busy = busy

    def _converse(self, payload: bytes) -> Any:
        outcome: BaseException | None = None
        while True:
            head, found = self._decode(self._exchange(payload))
            self._print(head.get("out", []))
            self._warn(found.get("wn"))
            kind = head.get("r")
            if outcome is not None and kind in ("ok", "err", "cross"):
                raise outcome
            if kind == "ok":
                return found.get("v")
            if kind == "err" and isinstance(found.get("e"), BaseException):
                if type(head.get("tb")) is str and head["tb"]:
                    self.trace = (type(found["e"]).__name__, head["tb"][:MAX_TRACE])
                raise self.raisable(found["e"])
            if kind == "cross":
                raise CannotCross(str(found.get("v")))
            payload = self._serve(kind, head, found)
            outcome, self._outcome = outcome or self._outcome, None

    def _check(self) -> None:
        if self.gone is not None:
            raise self.gone
        if time.monotonic() > self.deadline:
            raise self._ended("timeout", "the time of this test is used up")

    def _ended(self, reason: str, detail: str) -> CandidateGone:
        self.gone = CandidateGone(reason, detail)
        return self.gone

    def _encode(self, head: dict[str, Any], **values: Any) -> bytes:
        try:
            return self._message(head, **values)
        except CannotCross as error:
            self.crossed = str(error)
            raise

    def _message(self, head: dict[str, Any], **values: Any) -> bytes:
        free = self.codec.freed()
        if free:
            head["free"] = free
        numpy = sys.modules.get("numpy")
        if numpy is not None and (state := numpy.geterr()) != _NUMPY_ERRORS:
            head["np"] = state  # `with np.errstate(...)` in a test holds for what it calls
        if builtins.print is not _PRINT:
            head["print"] = True  # the test has patched it: the submission's prints are to be seen by the patch
        return self.codec.encode(head, **values)

    def _exchange(self, payload: bytes) -> bytes:
        left = min(self.deadline - time.monotonic(), CALL)
        self._send(Kind.CALL, protocol.SIZE.pack(max(1, int(left * 1000))) + payload)
        kind, answer = self._receive()
        if kind == Kind.ANSWER:
            return answer
        head, _ = protocol.unpack(answer)
        raise self._ended(head["reason"], head["detail"])

    def _decode(self, answer: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            head, decoder = self.codec.decode(answer)
            return head, {name: decoder.value(head[name]) for name in ("v", "e", "a", "k", "wn") if name in head}
        except ProtocolError as error:
            raise self._ended(
                "crashed", f"the submission's process sent something that is not an answer: {error}"
            ) from None

    def _serve(self, kind: Any, head: dict[str, Any], found: dict[str, Any]) -> bytes:
        """What the candidate asked of the test, as the payload of the reply."""
        self.busy = False  # the test's own code runs now
        try:
            if kind == "cb":
                result = self.codec.call_back(head.get("f"), head.get("w"), found.get("a"), found.get("k"))
            elif kind == "in":
                result = self._input(head.get("w"), found.get("a"))
            else:
                raise self._ended("crashed", "the submission's process sent something that is not an answer")
            self.busy = True
            return self._encode({"op": "ret"}, v=result)
        except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit) as error:
            self.busy = True
            return self._encode({"op": "raise"}, e=error)
        except CandidateGone:
            raise
        except BaseException as error:
            if _is_outcome(error):  # pytest.fail or pytest.skip: it holds, whatever the submission makes of it
                self.busy, self._outcome = True, error
                return self._encode({"op": "raise"}, e=RuntimeError(f"the test ended: {error}"))
            # the test's time ran out in its own code, and the candidate still waits for it
            self._ended("timeout", "the time of this test is used up")
            raise

    def _input(self, what: Any, argument: Any) -> Any:
        if what == "input":
            return str(builtins.input(str(argument)))
        if what == "print" and type(argument) is tuple:
            words, options = argument
            return builtins.print(*words, **options)  # noqa: T201 (whatever the test has put there)
        if what in ("readline", "read"):
            return str(getattr(sys.stdin, what)(argument if type(argument) is int else -1))
        raise EOFError

    def _print(self, parts: Any) -> None:
        for part in parts if type(parts) is list else ():
            number, text = part if type(part) is list and len(part) == 2 else (0, None)
            if type(text) is str:
                self.printed.append(text[:MAX_PRINTED])
                (sys.stdout if number == 1 else sys.stderr).write(text[:MAX_PRINTED])

    def _warn(self, found: Any) -> None:
        for warning in found if type(found) is list else ():
            if isinstance(warning, Warning):
                warnings.warn(warning, stacklevel=2)

    def raisable(self, error: BaseException) -> BaseException:
        """What a test may see raised: Exceptions, and SystemExit as a program's `main()` raises it."""
        if isinstance(error, Exception) or (isinstance(error, SystemExit) and not self.collecting):
            return error
        return RuntimeError(f"the submission raised {type(error).__name__}: {error}")

    # verbs, each one message

    def call(self, target: Any, args: Any, kwargs: Any) -> Any:
        return self.request({"op": "call"}, o=target, a=args, **_keywords(kwargs))

    def method(self, owner: Any, name: str, args: Any, kwargs: Any) -> Any:
        return self.request({"op": "method", "n": name}, o=owner, a=args, **_keywords(kwargs))

    def get(self, owner: Any, name: str) -> Any:
        return self.request({"op": "get", "n": name}, o=owner)

    def set(self, owner: Any, name: str, value: Any) -> None:
        self.request({"op": "set", "n": name}, o=owner, v=value)

    def delete(self, owner: Any, name: str) -> None:
        self.request({"op": "del", "n": name}, o=owner)

    def special(self, owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return self.request({"op": "special", "n": name}, o=owner, a=args, **_keywords(kwargs))

    def space(self, owner: Any, name: str) -> Any:
        return self.request({"op": "space", "n": name}, o=owner)

    def awaited(self, owner: Any) -> Any:
        return self.request({"op": "await"}, o=owner)

    def shown(self, owner: Any, name: str, *args: Any) -> str | None:
        """The student's text of an object, or None when the candidate cannot say: a message must not fail."""
        if self.gone is not None or self.busy:
            return None
        text = self.special(owner, name, *args)
        return text if isinstance(text, str) else None

    def step(self, ref: Reference, verb: str, sent: Any) -> Any:
        """One step of a remote generator: "send", "throw" or "close"."""
        if verb == "close" and (self.gone is not None or self.busy or ref.life != self.life):
            return None
        return self.request({"op": "generator", "n": verb}, o=self.codec.Held(ref), v=sent)

    # modules

    def load(self, name: str) -> Any:
        return self.request({"op": "import", "m": name})

    def names(self, module: str) -> list[str]:
        """What `from module import *` binds: no name that would steer the test framework."""
        found = self.request({"op": "names", "m": module})
        hooks = ("test", "Test", "pytest", "setUp", "tearDown", "setup", "teardown", "_", "load_tests")
        names = [n for n in found if type(n) is str and n.isidentifier() and not n.startswith(hooks)]
        importer = _importer()
        return [n for n in names if not _steers(n, importer)]

    def module_get(self, module: str, name: str) -> Any:
        return self.get(sys.modules[module], name)

    # lives

    def revive(self) -> None:
        """Ask for a fresh candidate; what was held of the one before is forgotten, except where paths lead to it."""
        self._send(Kind.RESTART, b"")
        kind, payload = self._receive()
        if kind != Kind.READY:
            head, _ = protocol.unpack(payload)
            raise self._ended(head["reason"], head["detail"])
        self.gone = None
        self.life += 1
        self.codec.forget()

    def number(self, ref: Reference) -> int:
        """The number of a reference in this life. Raises CandidateGone when the object died with an earlier one."""
        if ref.life != self.life:
            if ref.path is None:
                raise self._ended("crashed", "this object of the submission was lost when its process ended earlier")
            module, name = ref.path
            payload = self.codec.encode({"op": "path", "m": module, "q": name})
            _, found = self._decode(self._exchange(payload))
            if type(found.get("v")) is not int:
                raise self._ended("crashed", f"{module}.{name} could not be found again after a restart")
            ref.number, ref.life = found["v"], self.life
        return ref.number


__all__ = ["COMPARE", "CandidateGone", "Link", "RemoteMethod", "RemoteModule"]
