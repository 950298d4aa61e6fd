"""Pandas frames, series and indexes on the wire: columns as raw buffers, see `buffers`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grader.exam.buffers import Array, Raw
from grader.exam.codec import CannotCross, Decoder, Encoder, Reader, Row
from grader.exam.mirrors import BYTES_PER_ELEMENT, Kind
from grader.exam.protocol import ProtocolError

if TYPE_CHECKING:
    from grader.exam.codec import Codec

EXTENSIONS = {"str", "string", "boolean", "Float32", "Float64"} | {
    f"{u}Int{n}" for u in ("", "U") for n in (8, 16, 32, 64)
}
"""Extension dtypes that cross, element by element."""
UNITS = {"s", "ms", "us", "ns"}


def _column(encoder: Encoder, values: Any) -> Any:
    """The form of one column's array: numpy, categorical, dates with a zone, strings or nullable numbers."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype) or type(values) is pd.arrays.NumpyExtensionArray:
        return encoder.value(Raw(np.asarray(values)))
    return encoder.value(values)


def _write_extension(encoder: Encoder, values: Any) -> Row:
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = encoder.value(Raw(np.asarray(values.codes)))
        return ["pc", codes, encoder.value(dtype.categories), bool(dtype.ordered)]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ["pz", encoder.value(Raw(values.asi8)), dtype.unit, str(dtype.tz)]
    if str(dtype) in EXTENSIONS:
        missing = values.isna()
        return [
            "px",
            str(dtype),
            *encoder.values([None if m else _item(v) for v, m in zip(values, missing, strict=True)]),
        ]
    raise CannotCross(f"a pandas column of dtype {dtype} cannot cross; convert it to numbers, strings or dates")


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _read_extension(decoder: Decoder, row: Row) -> Any:
    if row[0] == "pc":
        return pd.Categorical.from_codes(decoder.value(row[1]), categories=decoder.value(row[2]), ordered=bool(row[3]))
    if row[0] == "pz":
        if row[2] not in UNITS:
            raise ProtocolError("dates of no unit")
        stamps = np.asarray(decoder.value(row[1]), dtype="int64").view(f"M8[{row[2]}]")
        return pd.DatetimeIndex(stamps, tz="UTC").tz_convert(str(row[3])).array
    if row[1] not in EXTENSIONS:
        raise ProtocolError("a column of a type that is not allowed")
    return pd.array(decoder.values(row[2:]), dtype=row[1])


def _write_index(encoder: Encoder, index: Any) -> Row:
    if type(index) is pd.RangeIndex:
        return ["pr", index.start, index.stop, index.step, encoder.value(index.name)]
    if type(index) is pd.MultiIndex:
        levels = [encoder.value(index.get_level_values(n)) for n in range(index.nlevels)]
        return ["pm", encoder.value(tuple(index.names)), *levels]
    freq = getattr(index, "freqstr", None)
    return ["pi", _column(encoder, index.array), encoder.value(index.name), encoder.value(freq)]


def _read_index(decoder: Decoder, row: Row) -> Any:
    if row[0] == "pr":
        return pd.RangeIndex(row[1], row[2], row[3], name=decoder.value(row[4]))
    if row[0] == "pm":
        return pd.MultiIndex.from_arrays(decoder.values(row[2:]), names=decoder.value(row[1]))
    data, name, freq = decoder.values(row[1:4])
    index = pd.Index(data, name=name, dtype=data.dtype)
    if freq is not None and isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex):
        index.freq = freq
    return index


def _frame_row(encoder: Encoder, number: int, frame: Any) -> Row:
    columns = [_column(encoder, frame.iloc[:, n].array) for n in range(frame.shape[1])]
    return ["pf", number, encoder.value(frame.index), encoder.value(frame.columns), *columns]


def _series_row(encoder: Encoder, number: int, series: Any) -> Row:
    return ["ps", number, encoder.value(series.index), encoder.value(series.name), _column(encoder, series.array)]


def _same(frame: Any, old: Any) -> bool:
    if not frame.equals(old) or not frame.index.equals(old.index) or frame.index.names != old.index.names:
        return False
    if frame.ndim == 1:
        return bool(frame.name == old.name and frame.dtype == old.dtype)
    return bool(frame.columns.equals(old.columns) and frame.columns.names == old.columns.names)


FRAME = Kind(lambda f: f.copy(deep=True), _same, lambda f: int(f.size * 64 // BYTES_PER_ELEMENT) + 64)


def _write_frame(encoder: Encoder, obj: Any) -> Row:
    row = _frame_row if obj.ndim == 2 else _series_row
    return encoder.mirror(obj, FRAME, lambda n: row(encoder, n, obj))


def _read_frame(decoder: Decoder, row: Row) -> Any:
    index, columns = decoder.value(row[2]), decoder.value(row[3])
    data = dict(enumerate(decoder.values(row[4:])))
    frame = pd.DataFrame({n: pd.Series(v, index=index, dtype=v.dtype) for n, v in data.items()}, index=index)
    frame.columns = columns
    return _place(decoder, row[1], frame)


def _read_series(decoder: Decoder, row: Row) -> Any:
    index, name, data = decoder.values(row[2:5])
    return _place(decoder, row[1], pd.Series(data, index=index, name=name, dtype=data.dtype))


def _place(decoder: Decoder, number: Any, new: Any) -> Any:
    mirrors = decoder.codec.mirrors
    mirror = mirrors.get(number) if type(number) is int else None
    if mirror is None:
        mirror = mirrors.add(new, FRAME, number)
    else:
        if mirror.kind is not FRAME or mirror.obj.ndim != new.ndim:
            raise ProtocolError("a frame where another kind was")
        mirror.obj._mgr = new._mgr
        if new.ndim == 1:
            mirror.obj.name = new.name
    mirror.settle()
    return mirror.obj


def _read_dtype(decoder: Decoder, row: Row) -> Any:
    if row[1] not in EXTENSIONS:
        raise ProtocolError("a dtype that is not allowed")
    return pd.api.types.pandas_dtype(row[1])


def _write_stamp(encoder: Encoder, obj: Any) -> Row:
    zone = getattr(obj, "tz", None)
    return ["pT", int(obj.asm8.view("int64")), obj.unit, None if zone is None else encoder.value(str(zone))]


def _read_stamp(decoder: Decoder, row: Row) -> Any:
    if row[2] not in UNITS:
        raise ProtocolError("a moment of no unit")
    stamp = pd.Timestamp(np.datetime64(row[1], row[2]))
    zone = decoder.value(row[3])
    return stamp if zone is None else stamp.tz_localize("UTC").tz_convert(zone)


def _read_delta(decoder: Decoder, row: Row) -> Any:
    if row[2] not in UNITS:
        raise ProtocolError("a duration of no unit")
    return pd.Timedelta(np.timedelta64(row[1], row[2]))


def install(codec: Codec) -> None:
    """Teach `codec` frames, series, indexes, extension arrays and moments."""
    indexes = (pd.Index, pd.RangeIndex, pd.MultiIndex, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex)
    arrays = {type(pd.array([None], dtype=name)) for name in sorted(EXTENSIONS)}
    arrays |= {pd.Categorical, type(pd.DatetimeIndex([], tz="UTC").array)}
    codec.writers |= dict.fromkeys((pd.DataFrame, pd.Series), _write_frame)
    codec.writers |= dict.fromkeys(indexes, _write_index)
    codec.writers |= dict.fromkeys(arrays, _write_extension)
    dtypes = {type(pd.array([None], dtype=name).dtype) for name in sorted(EXTENSIONS)}
    codec.writers |= dict.fromkeys(dtypes, lambda e, o: ["pt", str(o)])
    codec.writers |= {
        pd.CategoricalDtype: lambda e, o: ["pk", e.value(o.categories), bool(o.ordered)],
        pd.DatetimeTZDtype: lambda e, o: ["pu", o.unit, str(o.tz)],
        pd.Timestamp: _write_stamp,
        pd.Timedelta: lambda e, o: ["pD", int(o.asm8.view("int64")), o.unit],
        type(pd.NaT): lambda e, o: ["pN"],
        type(pd.NA): lambda e, o: ["pA"],
    }
    codec.readers |= dict.fromkeys(("pc", "pz", "px"), Reader(_read_extension))
    codec.readers |= dict.fromkeys(("pr", "pm", "pi"), Reader(_read_index))
    codec.readers |= {
        "pf": Reader(_read_frame),
        "ps": Reader(_read_series),
        "pt": Reader(_read_dtype),
        "pk": Reader(lambda d, r: pd.CategoricalDtype(d.value(r[1]), ordered=r[2])),
        "pu": Reader(lambda d, r: pd.DatetimeTZDtype(r[1], r[2])),
        "pT": Reader(_read_stamp),
        "pD": Reader(_read_delta),
        "pN": Reader(lambda d, r: pd.NaT),
        "pA": Reader(lambda d, r: pd.NA),
    }


__all__ = ["Array", "install"]
