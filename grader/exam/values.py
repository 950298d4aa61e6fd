"""The standard library's data types on the wire: one writer and one reader each. See `codec` for the rules."""

from __future__ import annotations

import array
import collections
import datetime  # noqa: ICN001 (the name of the types on the wire)
import decimal
import fractions
import io
import pathlib
import re
import types
import uuid
import zoneinfo
from itertools import chain
from typing import Any

from grader.exam.codec import CannotCross, Decoder, Encoder, Reader, Row, Writer
from grader.exam.mirrors import BYTES, DICT, LIST, NAMESPACE, ORDERED, SEQUENCE, SET, Kind
from grader.exam.protocol import ProtocolError

MAX_RANGE_BITS = 4096

NAMED_TYPES: dict[str, type] = {
    t.__name__: t
    for t in (
        object, type, int, float, complex, bool, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice,
        memoryview, type(None), types.FunctionType, types.GeneratorType, types.ModuleType,
    )
} | {
    f"{t.__module__}.{t.__qualname__}": t
    for t in (
        collections.OrderedDict, collections.defaultdict, collections.Counter, collections.deque, datetime.datetime,
        datetime.date, datetime.time, datetime.timedelta, datetime.timezone, decimal.Decimal, fractions.Fraction,
        uuid.UUID, types.SimpleNamespace, pathlib.PurePosixPath, pathlib.PosixPath,
    )
}  # fmt: skip
TYPE_NAMES = {t: name for name, t in NAMED_TYPES.items()}


def _text(encoder: Encoder, obj: str) -> Row:
    return ["u", encoder.buffer(obj.encode("utf-8", "surrogatepass"))]


def _list(encoder: Encoder, obj: list[Any]) -> Row:
    return encoder.mirror(obj, LIST, lambda n: ["l", n, *encoder.values(obj)])


def _dict(tag: str, kind: Kind = DICT) -> Writer:
    def write(encoder: Encoder, obj: dict[Any, Any]) -> Row:
        items = chain.from_iterable
        return encoder.mirror(obj, kind, lambda n: [tag, n, *encoder.values(items(obj.items()))])

    return write


def _defaultdict(encoder: Encoder, obj: collections.defaultdict[Any, Any]) -> Row:
    def row(number: int) -> Row:
        return ["dd", number, encoder.value(obj.default_factory), *encoder.values(chain.from_iterable(obj.items()))]

    return encoder.mirror(obj, DICT, row)


def _set(encoder: Encoder, obj: set[Any]) -> Row:
    return encoder.mirror(obj, SET, lambda n: ["s", n, *encoder.values(obj)])


def _deque(encoder: Encoder, obj: collections.deque[Any]) -> Row:
    return encoder.mirror(obj, SEQUENCE, lambda n: ["dq", n, obj.maxlen, *encoder.values(obj)])


def _bytearray(encoder: Encoder, obj: bytearray) -> Row:
    return encoder.mirror(obj, BYTES, lambda n: ["y", n, encoder.buffer(bytes(obj))])


def _namespace(encoder: Encoder, obj: types.SimpleNamespace) -> Row:
    items = chain.from_iterable(vars(obj).items())
    return encoder.mirror(obj, NAMESPACE, lambda n: ["ns", n, *encoder.values(items)])


def _array(encoder: Encoder, obj: array.array[Any]) -> Row:
    return encoder.mirror(obj, _ARRAY, lambda n: ["ar", n, obj.typecode, encoder.buffer(obj.tobytes())])


def _stringio(encoder: Encoder, obj: io.StringIO) -> Row:
    if obj.closed:
        raise CannotCross("a closed StringIO cannot cross between the test and the submission")
    return encoder.mirror(obj, _STRINGIO, lambda n: ["sio", n, encoder.value(obj.getvalue()), obj.tell()])


def _same_stringio(obj: io.StringIO, old: Any) -> bool:
    return obj.closed or (False, (obj.getvalue(), obj.tell())) == old


_STRINGIO = Kind(lambda o: (o.closed, o.closed or (o.getvalue(), o.tell())), _same_stringio, lambda o: 64)
_ARRAY = Kind(lambda o: o.tobytes(), lambda o, s: o.tobytes() == s, BYTES.cost)


def _timezone(encoder: Encoder, zone: datetime.tzinfo | None) -> Any:
    if zone is None:
        return None
    if type(zone) is zoneinfo.ZoneInfo and zone.key:
        return zone.key
    if type(zone) is datetime.timezone:
        offset = zone.utcoffset(None)
        return encoder.value((offset, zone.tzname(None)))
    raise CannotCross(f"a time zone of type {type(zone).__name__} cannot cross; use datetime.timezone or zoneinfo")


def _datetime(encoder: Encoder, obj: datetime.datetime) -> Row:
    fields = (obj.year, obj.month, obj.day, obj.hour, obj.minute, obj.second, obj.microsecond)
    return ["dt", *fields, _timezone(encoder, obj.tzinfo), obj.fold]


def _time(encoder: Encoder, obj: datetime.time) -> Row:
    return ["tm", obj.hour, obj.minute, obj.second, obj.microsecond, _timezone(encoder, obj.tzinfo), obj.fold]


def _view(tag: str) -> Writer:
    def write(encoder: Encoder, obj: Any) -> Row:
        return [tag, *encoder.values(list(obj) if tag != "di" else list(chain.from_iterable(obj)))]

    return write


def _pattern(encoder: Encoder, obj: re.Pattern[Any]) -> Row:
    return ["re", encoder.value(obj.pattern), obj.flags & ~re.DEBUG]


WRITERS: dict[type, Writer] = {
    int: lambda e, o: ["i", hex(o)],
    str: _text,
    list: _list,
    tuple: lambda e, o: ["t", *e.values(o)],
    dict: _dict("d"),
    collections.OrderedDict: _dict("od", ORDERED),
    collections.Counter: _dict("C"),
    collections.defaultdict: _defaultdict,
    set: _set,
    frozenset: lambda e, o: ["z", *e.values(o)],
    bytes: lambda e, o: ["b", e.buffer(o)],
    bytearray: _bytearray,
    memoryview: lambda e, o: ["mv", e.buffer(bytes(o))],
    complex: lambda e, o: ["c", o.real, o.imag],
    range: lambda e, o: ["r", e.value(o.start), e.value(o.stop), e.value(o.step)],
    slice: lambda e, o: ["sl", e.value(o.start), e.value(o.stop), e.value(o.step)],
    type(...): lambda e, o: ["el"],
    type(NotImplemented): lambda e, o: ["ni"],
    collections.deque: _deque,
    types.SimpleNamespace: _namespace,
    array.array: _array,
    io.StringIO: _stringio,
    datetime.datetime: _datetime,
    datetime.date: lambda e, o: ["da", o.year, o.month, o.day],
    datetime.time: _time,
    datetime.timedelta: lambda e, o: ["td", o.days, o.seconds, o.microseconds],
    datetime.timezone: lambda e, o: ["tz", _timezone(e, o)],
    zoneinfo.ZoneInfo: lambda e, o: ["tz", _timezone(e, o)],
    decimal.Decimal: lambda e, o: ["de", str(o)],
    fractions.Fraction: lambda e, o: ["fr", e.value(o.numerator), e.value(o.denominator)],
    uuid.UUID: lambda e, o: ["id", o.hex],
    pathlib.PosixPath: lambda e, o: ["p", e.value(str(o))],
    pathlib.PurePosixPath: lambda e, o: ["pp", e.value(str(o))],
    re.Pattern: _pattern,
    types.TracebackType: lambda e, o: ["t1", None],
    type({}.keys()): _view("dk"),
    type({}.values()): _view("dv"),
    type({}.items()): _view("di"),
}


def _fill_list(decoder: Decoder, obj: list[Any], row: Row) -> None:
    obj[:] = decoder.values(row[2:])


def _pairs(decoder: Decoder, forms: list[Any]) -> zip[tuple[Any, Any]]:
    values = decoder.values(forms)
    return zip(values[::2], values[1::2], strict=True)


def _fill_dict(skip: int) -> Any:
    def fill(decoder: Decoder, obj: dict[Any, Any], row: Row) -> None:
        pairs = list(_pairs(decoder, row[skip:]))
        dict.clear(obj)
        for key, value in pairs:
            dict.__setitem__(obj, key, value)

    return fill


def _fill_ordered(decoder: Decoder, obj: collections.OrderedDict[Any, Any], row: Row) -> None:
    pairs = list(_pairs(decoder, row[2:]))
    obj.clear()
    obj.update(pairs)


def _fill_set(decoder: Decoder, obj: set[Any], row: Row) -> None:
    values = decoder.values(row[2:])
    obj.clear()
    obj.update(values)


def _fill_deque(decoder: Decoder, obj: collections.deque[Any], row: Row) -> None:
    obj.clear()
    obj.extend(decoder.values(row[3:]))


def _fill_namespace(decoder: Decoder, obj: types.SimpleNamespace, row: Row) -> None:
    vars(obj).clear()
    vars(obj).update(_pairs(decoder, row[2:]))


def _fill_bytearray(decoder: Decoder, obj: bytearray, row: Row) -> None:
    obj[:] = decoder.buffer(row[2])


def _fill_array(decoder: Decoder, obj: array.array[Any], row: Row) -> None:
    del obj[:]
    obj.frombytes(decoder.buffer(row[3]))


def _fill_stringio(decoder: Decoder, obj: io.StringIO, row: Row) -> None:
    obj.seek(0)
    obj.truncate()
    obj.write(decoder.value(row[2]))
    obj.seek(row[3])


def container(new: Any, fill: Any, kind: Kind, needs: int = 0) -> Reader:
    """A reader for a mutable type: the object the other side means if it is known here, else `new(decoder, row)`."""

    def make(decoder: Decoder, row: Row) -> Any:
        number = row[1]
        if type(number) is not int:
            raise ProtocolError("a container without a number")
        mirrors = decoder.codec.mirrors
        mirror = mirrors.get(number)
        if mirror is None:
            mirror = mirrors.add(new(decoder, row), kind, number)
        elif mirror.kind is not kind:
            raise ProtocolError("a container of another kind")
        return mirror.obj

    return Reader(make, fill, needs)


def _known(decoder: Decoder, row: Row) -> Any:
    mirror = decoder.codec.mirrors.get(row[1])
    if mirror is None:
        raise ProtocolError("a container that is not known")
    return mirror.obj


def _zone(value: Any) -> datetime.tzinfo | None:
    if value is None:
        return None
    if type(value) is str:
        return zoneinfo.ZoneInfo(value)
    offset, name = value
    return datetime.UTC if not offset and name == "UTC" else datetime.timezone(offset, name)


def _read_datetime(decoder: Decoder, row: Row) -> datetime.datetime:
    year, month, day, hour, minute, second, micro, zone, fold = row[1:]
    return datetime.datetime(year, month, day, hour, minute, second, micro, _zone(decoder.value(zone)), fold=fold)


def _read_time(decoder: Decoder, row: Row) -> datetime.time:
    hour, minute, second, micro, zone, fold = row[1:]
    return datetime.time(hour, minute, second, micro, _zone(decoder.value(zone)), fold=fold)


def _read_type(decoder: Decoder, row: Row) -> type:
    return NAMED_TYPES[row[1]]


def _read_range(decoder: Decoder, row: Row) -> range:
    return range(*decoder.values(row[1:4]))


def _keys(decoder: Decoder, forms: list[Any]) -> dict[Any, Any]:
    return dict.fromkeys(decoder.values(forms))


READERS: dict[str, Reader] = {
    "@": Reader(_known, needs=0),
    "t1": Reader(lambda d, r: d.value(r[1])),
    "i": Reader(lambda d, r: int(r[1], 16)),
    "u": Reader(lambda d, r: bytes(d.buffer(r[1])).decode("utf-8", "surrogatepass")),
    "l": container(lambda d, r: [], _fill_list, LIST),
    "t": Reader(lambda d, r: tuple(d.values(r[1:]))),
    "d": container(lambda d, r: {}, _fill_dict(2), DICT),
    "od": container(lambda d, r: collections.OrderedDict(), _fill_ordered, ORDERED),
    "C": container(lambda d, r: collections.Counter(), _fill_dict(2), DICT),
    "dd": container(lambda d, r: collections.defaultdict(d.value(r[2])), _fill_dict(3), DICT, 2),
    "s": container(lambda d, r: set(), _fill_set, SET),
    "z": Reader(lambda d, r: frozenset(d.values(r[1:]))),
    "b": Reader(lambda d, r: bytes(d.buffer(r[1]))),
    "y": container(lambda d, r: bytearray(), _fill_bytearray, BYTES),
    "mv": Reader(lambda d, r: memoryview(bytes(d.buffer(r[1])))),
    "c": Reader(lambda d, r: complex(r[1], r[2])),
    "r": Reader(_read_range),
    "sl": Reader(lambda d, r: slice(*d.values(r[1:4]))),
    "el": Reader(lambda d, r: ...),
    "ni": Reader(lambda d, r: NotImplemented),
    "dq": container(lambda d, r: collections.deque(maxlen=r[2]), _fill_deque, SEQUENCE),
    "ns": container(lambda d, r: types.SimpleNamespace(), _fill_namespace, NAMESPACE),
    "ar": container(lambda d, r: array.array(r[2]), _fill_array, _ARRAY),
    "sio": container(lambda d, r: io.StringIO(newline=""), _fill_stringio, _STRINGIO, 2),
    "dt": Reader(_read_datetime),
    "da": Reader(lambda d, r: datetime.date(*r[1:4])),
    "tm": Reader(_read_time),
    "td": Reader(lambda d, r: datetime.timedelta(*r[1:4])),
    "tz": Reader(lambda d, r: _zone(d.value(r[1]))),
    "de": Reader(lambda d, r: decimal.Decimal(r[1])),
    "fr": Reader(lambda d, r: fractions.Fraction(d.value(r[1]), d.value(r[2]))),
    "id": Reader(lambda d, r: uuid.UUID(hex=r[1])),
    "p": Reader(lambda d, r: pathlib.PosixPath(d.value(r[1]))),
    "pp": Reader(lambda d, r: pathlib.PurePosixPath(d.value(r[1]))),
    "re": Reader(lambda d, r: re.compile(d.value(r[1]), r[2])),
    "dk": Reader(lambda d, r: _keys(d, r[1:]).keys()),
    "dv": Reader(lambda d, r: dict(enumerate(d.values(r[1:]))).values()),
    "di": Reader(lambda d, r: dict(_pairs(d, r[1:])).items()),
    "T": Reader(_read_type),
}
