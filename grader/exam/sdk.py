"""What authors of rubric suites import, beside plain pytest.

    from grader.exam.sdk import assert_close

and the fixtures `metric`, `rng`, `data` and `submission`, which need no import.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.exam.notebook import Notebook, NotebookError
from grader.exam.proxies import exact, slot_of

Metric = Callable[[str, float], None]


def assert_close(got: Any, expected: Any, *, rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Fail unless `got` equals `expected` in kind, length, shape and value.

    Numbers may differ by `atol + rtol * abs(expected)`, must be finite where `expected` is, and are never bools where a
    number is expected. Sequences, mappings, numpy arrays, pandas frames and series are compared element by element: a
    result that is too short, empty, NaN, of another shape or of the wrong type fails. Raises AssertionError.
    """
    __tracebackhide__ = True
    problem = _difference(got, expected, rtol, atol, "result")
    if problem:
        raise AssertionError(problem)


def assert_shows(got: Any, expected: str) -> None:
    """Fail unless `got` is data that a notebook shows as the text `expected`.

    numpy's numbers and bools may show as Python's do. Objects of the submission fail: what they show is their own
    claim. Raises AssertionError.
    """
    __tracebackhide__ = True
    slot = slot_of(got)
    if slot is not None and not slot.data:
        raise AssertionError(f"result is an object of the submission (a {type(got).__name__}), expected data")
    got = exact(got)
    scalar = type(got).__module__.partition(".")[0] == "numpy" and not getattr(got, "ndim", 1)
    texts = {repr(got)} | ({repr(got.item())} if scalar else set())
    if expected not in texts:
        raise AssertionError(f"result shows as {min(texts, key=len)}, expected {expected}")


def _difference(got: Any, expected: Any, rtol: float, atol: float, where: str) -> str:
    slot = slot_of(got)
    if slot is not None and not slot.data:
        return f"{where} is an object of the submission (a {type(got).__name__}), expected data"
    got = exact(got)
    module = type(expected).__module__.partition(".")[0]
    if module == "pandas" and (hasattr(expected, "index") or hasattr(expected, "get_indexer")):
        return _frame_difference(got, expected, rtol, atol, where)
    if module == "numpy" and getattr(expected, "ndim", None):
        return _array_difference(got, expected, rtol, atol, where)
    if isinstance(expected, Mapping):
        return _mapping_difference(got, expected, rtol, atol, where)
    if isinstance(expected, Sequence) and not isinstance(expected, str | bytes):
        return _sequence_difference(got, expected, rtol, atol, where)
    if _is_number(expected):
        return _number_difference(got, expected, rtol, atol, where)
    if type(got) is not type(expected) or got != expected:
        return f"{where} is {got!r}, expected {expected!r}"
    return ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return False
    return isinstance(value, int | float | complex) or (hasattr(value, "dtype") and value.dtype.kind in "iufc")


def _number_difference(got: Any, expected: Any, rtol: float, atol: float, where: str) -> str:
    if getattr(got, "ndim", 0) or not _is_number(got):
        return f"{where} is {got!r} of type {type(got).__name__}, expected the number {expected!r}"
    try:
        gap, bound = abs(got - expected), atol + rtol * abs(expected)
    except OverflowError:  # integers beyond every float: equal or not
        gap, bound = math.inf, 0.0
    same = got == expected or (_is_nan(expected) and _is_nan(got))
    if not same and not (gap <= bound and bound != math.inf):
        return f"{where} is {got!r}, expected {expected!r} within {bound:.3g}"
    return ""


def _is_nan(value: Any) -> bool:
    return bool(value != value)  # noqa: PLR0124 (that is what NaN is, complex and numpy's included)


def _sequence_difference(got: Any, expected: Sequence[Any], rtol: float, atol: float, where: str) -> str:
    array = type(got).__module__.partition(".")[0] == "numpy" and getattr(got, "ndim", 0) >= 1
    if not array and (isinstance(got, str | bytes) or not isinstance(got, list | tuple)):
        return f"{where} is {got!r} of type {type(got).__name__}, expected {len(expected)} values"
    if len(got) != len(expected):
        return f"{where} has {len(got)} values, expected {len(expected)}"
    pairs = enumerate(zip(got, expected, strict=True))
    return next(filter(None, (_difference(g, e, rtol, atol, f"{where}[{n}]") for n, (g, e) in pairs)), "")


def _mapping_difference(got: Any, expected: Mapping[Any, Any], rtol: float, atol: float, where: str) -> str:
    if not isinstance(got, dict):
        return f"{where} is {got!r} of type {type(got).__name__}, expected a dict"
    if set(got) != set(expected):
        return f"{where} has the keys {sorted(map(repr, got))}, expected {sorted(map(repr, expected))}"
    pairs = ((k, got[k], expected[k]) for k in expected)
    return next(filter(None, (_difference(g, e, rtol, atol, f"{where}[{k!r}]") for k, g, e in pairs)), "")


def _array_difference(got: Any, expected: Any, rtol: float, atol: float, where: str) -> str:
    import numpy as np

    if not isinstance(got, list | tuple | np.ndarray):
        return f"{where} is {got!r} of type {type(got).__name__}, expected an array of shape {expected.shape}"
    try:
        array = np.asarray(got)
    except (ValueError, TypeError):
        return f"{where} is ragged, expected an array of shape {expected.shape}"
    if array.shape != expected.shape:
        return f"{where} has the shape {array.shape}, expected {expected.shape}"
    numbers = "iufc"
    if (array.dtype.kind in numbers) != (expected.dtype.kind in numbers) or array.dtype.kind == "O":
        return f"{where} has the dtype {array.dtype}, expected {expected.dtype}"
    if expected.dtype.kind not in numbers:
        return "" if array.dtype.kind == expected.dtype.kind and bool((array == expected).all()) else f"{where} differs"
    close = np.isclose(array, expected, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return ""
    at = tuple(int(i) for i in np.argwhere(~close)[0])
    return (
        f"{where}{list(at)} is {array[at]!r}, expected {expected[at]!r} ({int((~close).sum())} of {close.size} differ)"
    )


def _frame_difference(got: Any, expected: Any, rtol: float, atol: float, where: str) -> str:
    import pandas as pd

    if type(got) is not type(expected):
        return f"{where} is a {type(got).__name__}, expected a pandas {type(expected).__name__}"
    kind = "frame" if isinstance(expected, pd.DataFrame) else "series" if isinstance(expected, pd.Series) else "index"
    check = getattr(pd.testing, f"assert_{kind}_equal")
    try:
        check(got, expected, rtol=rtol, atol=atol, check_exact=False)
    except AssertionError as error:
        return f"{where}: {error}"
    return ""


def seed_bytes(secret: bytes, submission: str, rubric: str, test: str) -> bytes:
    """32 bytes that no student can predict and every regrade repeats: HMAC-SHA256 of the digests and the test's id."""
    return hmac.new(secret, f"{submission}\n{rubric}\n{test}".encode(), hashlib.sha256).digest()


def make_rng(seed: bytes) -> Any:
    """`numpy.random.Generator` where numpy is, else `random.Random`."""
    number = int.from_bytes(seed, "big")
    try:
        import numpy as np
    except ImportError:
        return random.Random(number)  # noqa: S311 (test inputs, no secret)
    return np.random.default_rng(number)


def finite(name: str, value: Any) -> float:
    """`value` as a float. Raises AssertionError when it is not one finite number."""
    number = float(value)
    if not math.isfinite(number):
        raise AssertionError(f"the metric {name} is {number}, not a finite number")
    return number


@dataclass(frozen=True)
class Completed:
    """A finished program. `returncode` is None when its time was up; the streams are text, cut at 1 MB."""

    returncode: int | None
    stdout: str
    stderr: str
    seconds: float


class Submission:
    """The fixture `submission`: the student's files and programs."""

    def __init__(self, link: Any, files: Sequence[str], notebook: Notebook | None = None) -> None:
        self._link = link
        self._notebook = notebook
        self.files = list(files)
        """Paths of the submission's files, relative, with "/"."""

    @property
    def notebook(self) -> Notebook:
        """The executed notebook. Raises NotebookError when the submission is none and holds none."""
        if self._notebook is None:
            raise NotebookError("the submission has no notebook")
        return self._notebook

    def call(self, target: str, *args: Any, **kwargs: Any) -> Any:
        """Call `module:function` (or `module:Class.method`) of the submission."""
        return self._resolve(target)(*args, **kwargs)

    def call_async(self, target: str, *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine function of the submission to its end and return its result."""
        module, _, name = target.partition(":")
        owner = self._module(module)
        return self._link.request({"op": "async"}, o=getattr(owner, name), a=args, k=kwargs)

    def _module(self, name: str) -> Any:
        import importlib

        return importlib.import_module(name)

    def _resolve(self, target: str) -> Any:
        module, _, path = target.partition(":")
        found = self._module(module)
        for part in path.split("."):
            found = getattr(found, part)
        return found

    def run(
        self, argv: Sequence[str], *, stdin: str = "", timeout: float = 10.0, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Run a program in the submission's folder; `python` is the image's. A missing one fails the test."""
        job = {"argv": list(argv), "stdin": stdin.encode(), "timeout": timeout, "env": dict(env or {})}
        done = self._link.request({"op": "run"}, v=job)
        code, out, err, seconds = (done.get(n) for n in ("returncode", "stdout", "stderr", "seconds"))
        stdout, stderr = (p.decode("utf-8", "backslashreplace") if type(p) is bytes else "" for p in (out, err))
        return Completed(
            returncode=code if type(code) is int else None,
            stdout=stdout,
            stderr=stderr,
            seconds=seconds if type(seconds) is float else 0.0,
        )

    def read(self, path: str) -> bytes:
        """A file of the submission, or one that its program wrote. Raises OSError."""
        data = self._link.request({"op": "read"}, v=path)
        if type(data) is not bytes:
            raise TypeError("the submission's process did not answer with bytes")
        return data


__all__ = ["Completed", "Metric", "Notebook", "NotebookError", "Path", "Submission", "assert_close", "assert_shows"]
