"""Numpy arrays and pandas frames on the wire: raw buffers with a checked type and shape, never a pickle.

`install` adds the writers and readers to a codec once numpy (and pandas) are imported on that side. A dtype is taken
from an allow-list, and `prod(shape) * itemsize == len(buffer)` is checked before anything is allocated.
"""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.exam.codec import CannotCross, Decoder, Encoder, Reader, Row
from grader.exam.mirrors import BYTES_PER_ELEMENT, Kind
from grader.exam.protocol import ProtocolError

if TYPE_CHECKING:
    from grader.exam.codec import Codec

DTYPE = re.compile(r"[<>|=](?:[biufc]\d{1,2}|[SU]\d{1,9}|[mM]8(?:\[\d{0,9}[a-zA-Z]{1,2}\])?)\Z")
MAX_DIMENSIONS = 32

Array = np.ndarray[Any, Any]


class Raw:
    """An array that is part of another value and not shared by itself."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = array


def dtype_of(name: Any) -> np.dtype[Any]:
    """The dtype of an allowed name. Raises ProtocolError."""
    if type(name) is not str or not DTYPE.match(name):
        raise ProtocolError("an array of a type that is not allowed")
    return np.dtype(name)


def _dtype_name(array: Any) -> str:
    name = array.dtype.str
    if not DTYPE.match(name):
        raise CannotCross(f"an array of dtype {array.dtype} cannot cross; convert it to numbers, strings or dates")
    return str(name)


def shape_of(form: Any) -> tuple[int, ...]:
    if type(form) is not list or len(form) > MAX_DIMENSIONS or any(type(n) is not int or n < 0 for n in form):
        raise ProtocolError("an array of no shape")
    return tuple(form)


def read_array(decoder: Decoder, name: Any, shape: Any, buffer: Any) -> Array:
    """A new array of the checked type and shape."""
    dtype, size, data = dtype_of(name), shape_of(shape), decoder.buffer(buffer)
    count: int = math.prod(size)
    if count * dtype.itemsize != len(data) or (count and not dtype.itemsize):
        raise ProtocolError("an array whose bytes do not fit its shape")
    return np.frombuffer(data, dtype).reshape(size).copy() if len(data) else np.empty(size, dtype)


def _snapshot(array: Array) -> Any:
    return list(array.flat) if array.dtype.hasobject else array.tobytes()


def _same(array: Array, old: Any) -> bool:
    if type(old) is list:
        return len(old) == array.size and all(a is b for a, b in zip(array.flat, old, strict=True))
    return bool(array.tobytes() == old)


ARRAY = Kind(_snapshot, _same, lambda a: int(a.nbytes // BYTES_PER_ELEMENT) + 1)


def _write_array(encoder: Encoder, obj: Array) -> Row:
    if obj.dtype.hasobject:
        shape = list(obj.shape)
        return encoder.mirror(obj, ARRAY, lambda n: ["no", n, shape, *encoder.values(obj.ravel().tolist())])
    name = _dtype_name(obj)
    return encoder.mirror(obj, ARRAY, lambda n: ["n", n, name, list(obj.shape), encoder.buffer(obj.tobytes())])


def _write_raw(encoder: Encoder, raw: Raw) -> Row:
    array = raw.array
    if array.dtype.hasobject:
        return ["nor", array.ndim, *array.shape, *encoder.values(array.ravel().tolist())]
    return ["nr", _dtype_name(array), list(array.shape), encoder.buffer(array.tobytes())]


def _write_scalar(encoder: Encoder, obj: Any) -> Row:
    return ["nu", _dtype_name(obj), encoder.buffer(obj.tobytes())]


def _read_scalar(decoder: Decoder, row: Row) -> Any:
    return read_array(decoder, row[1], [1], row[2])[0]


def _make_array(decoder: Decoder, row: Row) -> Array:
    mirrors = decoder.codec.mirrors
    mirror = mirrors.get(row[1]) if type(row[1]) is int else None
    new = read_array(decoder, row[2], row[3], row[4]) if row[0] == "n" else _empty_objects(row)
    if mirror is not None:
        old = mirror.obj
        if old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable:
            np.copyto(old, new)
            mirror.settle()
            return old  # type: ignore[no-any-return]
        mirrors.forget(row[1])
    mirrors.add(new, ARRAY, row[1]).settle()
    return new


def _empty_objects(row: Row) -> Array:
    shape = shape_of(row[2])
    if math.prod(shape) != len(row) - 3:
        raise ProtocolError("an array whose elements do not fit its shape")
    return np.empty(shape, object)


def _fill_objects(decoder: Decoder, obj: Array, row: Row) -> None:
    obj[...] = _objects(decoder.values(row[3:])).reshape(obj.shape)


def _read_raw_objects(decoder: Decoder, row: Row) -> Array:
    start = 2 + row[1]
    return _objects(decoder.values(row[start:])).reshape(shape_of(row[2:start]))


def _objects(values: list[Any]) -> Array:
    flat = np.empty(len(values), object)
    for at, value in enumerate(values):
        flat[at] = value
    return flat


def _scalar_types() -> set[type]:
    kinds = "?bBhHiIlLqQefdgFDGmMSU"
    return {np.dtype(k).type for k in kinds if np.dtype(k).kind in "biufcmMSU" and DTYPE.match(np.dtype(k).str)} | {
        np.str_,
        np.bytes_,
    }


_DTYPES = {type(np.dtype(k)): True for k in "?bBhHiIlLqQefdFDSUmMO"}


def install(codec: Codec) -> bool:
    """Teach `codec` arrays, and frames if pandas is imported; True when there is nothing left to learn."""
    if np.ndarray not in codec.writers:
        codec.writers[np.ndarray] = _write_array
        codec.writers[Raw] = _write_raw
        codec.writers |= dict.fromkeys(_scalar_types(), _write_scalar)
        codec.writers |= dict.fromkeys(_DTYPES, lambda e, o: ["nd", o.str if o != np.dtype(object) else "O"])
        codec.readers |= {
            "n": Reader(_make_array, needs=0),
            "no": Reader(_make_array, _fill_objects, 0),
            "nr": Reader(lambda d, r: read_array(d, r[1], r[2], r[3]), needs=0),
            "nor": Reader(_read_raw_objects),
            "nu": Reader(_read_scalar, needs=0),
            "nd": Reader(lambda d, r: np.dtype(object) if r[1] == "O" else dtype_of(r[1]), needs=0),
        }
    if "pandas" not in sys.modules:
        return False
    if hasattr(sys.modules["pandas"], "DataFrame"):
        from grader.exam import frames

        frames.install(codec)
        return True
    return False
