"""Values on the wire: what goes in comes out, equal, of the same exact type, whatever its depth, sharing or cycles."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import io
import json
import math
import pathlib
import re
import struct
import types
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.exam.codec import CannotCross, Codec
from grader.exam.protocol import ProtocolError, pack, unpack


class Pair:
    """Two codecs that talk to each other, as examiner and candidate do."""

    def __init__(self) -> None:
        self.sides = (Codec(0), Codec(1))

    def send(self, value: Any, *, back: bool = False) -> Any:
        source, target = reversed(self.sides) if back else self.sides
        head, decoder = target.decode(source.encode({}, v=value))
        return decoder.value(head["v"])


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()) | st.binary()
)
hashables = st.recursive(scalars, lambda s: st.tuples(s, s) | st.frozensets(s, max_size=3), max_leaves=5)
values = st.recursive(
    scalars,
    lambda s: (
        st.lists(s, max_size=6)
        | st.dictionaries(hashables, s, max_size=5)
        | st.tuples(s, s)
        | st.sets(hashables, max_size=5)
        | st.lists(s, max_size=4).map(collections.deque)
    ),
    max_leaves=25,
)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple | collections.deque):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True))
    return bool(a == b)


@settings(max_examples=300, deadline=None)
@given(values)
def test_plain_data_arrives_equal_and_of_the_same_types(value: Any) -> None:
    assert same(Pair().send(value), value)


EXACT = [
    10**5000,
    -(1 << 1001),
    float("inf"),
    -0.0,
    "\ud83d\ude00",
    "\ud83d",
    complex(1, -2),
    range(3, 99, 2),
    slice(1, None, -1),
    ...,
    NotImplemented,
    bytearray(b"abc"),
    datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC, fold=1),
    datetime.datetime(2026, 7, 2, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")),
    datetime.date(1, 1, 1),
    datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=5), "X")),
    datetime.timedelta(-1, 2, 3),
    decimal.Decimal("1.10"),
    fractions.Fraction(-3, 7),
    collections.Counter("hello"),
    collections.OrderedDict([("b", 1), ("a", 2)]),
    collections.deque([1, [2]], maxlen=3),
    uuid.UUID(int=5),
    pathlib.Path("a/b"),
    re.compile(r"a+", re.I),
    types.SimpleNamespace(a=1, b=[2]),
    array.array("d", [1.0, 2.0]),
    {(1, "a"): {None: [True]}},
]


@pytest.mark.parametrize("value", EXACT, ids=lambda v: type(v).__name__)
def test_library_types_arrive_equal_and_of_the_same_type(value: Any) -> None:
    got = Pair().send(value)

    assert type(got) is type(value)
    assert got == value
    assert repr(got) == repr(value) if type(value) is not int else True


def test_nan_stays_nan_and_minus_zero_keeps_its_sign() -> None:
    assert math.isnan(Pair().send(float("nan")))
    assert math.copysign(1, Pair().send([-0.0])[0]) == -1


def test_default_factories_and_views_survive() -> None:
    got = Pair().send(collections.defaultdict(list, {"a": [1]}))

    assert got["new"] == []
    assert list(Pair().send({"a": 1}.items())) == [("a", 1)]
    assert Pair().send({"a": 1}.keys()) == {"a"}


def test_nesting_of_a_hundred_thousand_needs_no_recursion() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    depth, got = 0, Pair().send(value)
    while got:
        depth, got = depth + 1, got[0]

    assert depth == 100_000


def test_sharing_and_cycles_survive() -> None:
    inner = [1]
    outer = [inner, inner]
    outer.append(outer)  # type: ignore[arg-type]

    got = Pair().send(outer)

    assert got[0] is got[1]
    assert got[2] is got


def test_a_change_on_either_side_reaches_the_other_in_place() -> None:
    pair = Pair()
    mine = [1, {"a": [2]}]
    yours = pair.send(mine)

    yours[1]["a"].append(3)
    yours.insert(0, "new")
    pair.send(None, back=True)
    assert mine == ["new", 1, {"a": [2, 3]}]

    mine.clear()
    pair.send(None)
    assert yours == []


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({1}, lambda v: v.add(2)),
        (bytearray(b"a"), lambda v: v.extend(b"b")),
        (collections.deque([1]), lambda v: v.appendleft(0)),
        (collections.Counter("a"), lambda v: v.update("ab")),
        (collections.OrderedDict(a=1, b=2), lambda v: v.move_to_end("a")),
        (types.SimpleNamespace(a=1), lambda v: setattr(v, "b", 2)),
        (array.array("i", [1]), lambda v: v.append(2)),
        (io.StringIO("a"), lambda v: v.write("xyz")),
        (np.arange(4.0), lambda v: v.__imul__(2)),
        (np.array([[1], [2]], dtype=object), lambda v: v.__setitem__((0, 0), 9)),
        (pd.DataFrame({"a": [1, 2]}), lambda v: v.__setitem__("b", [3, 4])),
        (pd.Series([1, 2]), lambda v: v.__setitem__(0, 9)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_mutated_argument_is_changed_in_place(value: Any, change: Any) -> None:
    pair = Pair()
    expected = pair.send(value)

    change(expected)
    pair.send(None, back=True)

    if isinstance(value, io.StringIO):
        assert value.getvalue() == expected.getvalue()
    elif isinstance(value, pd.DataFrame | pd.Series):
        assert value.equals(expected)
    else:
        assert np.array_equal(value, expected) if isinstance(value, np.ndarray) else value == expected


def test_the_same_container_comes_back_as_the_same_object() -> None:
    pair = Pair()
    mine = [1]

    yours = pair.send(mine)

    assert pair.send(yours, back=True) is mine
    assert pair.send([yours], back=True)[0] is mine


def test_containers_nobody_sees_are_dropped_on_both_sides() -> None:
    pair = Pair()
    for n in range(500):
        pair.send([n, [n]])
        pair.send({"n": n}, back=True)

    assert max(len(side.mirrors) for side in pair.sides) < 20


def test_a_message_that_cannot_be_sent_leaves_no_trace() -> None:
    pair = Pair()
    shared = [1]
    with pytest.raises(CannotCross):
        pair.send([shared, object()])

    assert pair.send([shared, 2]) == [[1], 2]


def test_bytes_and_integers_of_a_megabyte_cross() -> None:
    big = 1 << 8_000_000

    assert Pair().send([big, b"x" * 1_000_000]) == [big, b"x" * 1_000_000]


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.array(5),
    np.empty((0, 3)),
    np.array([True, False]),
    np.array(["a", "bcd"]),
    np.array([b"a"]),
    np.array(["2020-01-01"], dtype="M8[D]"),
    np.array([1 + 2j]),
    np.array([1, "a", None, [2]], dtype=object),
    np.asfortranarray(np.arange(6).reshape(2, 3)),
    np.arange(10)[::2],
    np.arange(3, dtype=">i4"),
]


@pytest.mark.parametrize("value", ARRAYS, ids=lambda v: f"{v.dtype.str}{v.shape}")
def test_arrays_arrive_with_type_shape_and_values(value: np.ndarray[Any, Any]) -> None:
    got = Pair().send(value)

    assert (got.dtype, got.shape) == (value.dtype, value.shape)
    assert np.array_equal(got, value)


@pytest.mark.parametrize(
    "value", [np.float64(1.5), np.int8(-3), np.bool_(True), np.str_("x"), np.datetime64("2020-01-01")]
)
def test_numpy_scalars_keep_their_type(value: Any) -> None:
    got = Pair().send(value)

    assert type(got) is type(value)
    assert got == value


FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "text": ["x", None, "z"],
        "kind": pd.Categorical(["u", "v", "u"], ordered=True),
        "day": pd.date_range("2020", periods=3),
        "zone": pd.date_range("2020", periods=3, tz="Europe/Paris"),
        "maybe": pd.array([1, None, 3], dtype="Int64"),
        "any": pd.Series([1, "a", None], dtype=object),
        "flag": [True, False, True],
        "gap": pd.to_timedelta([1, 2, 3], unit="h"),
    }
)


@pytest.mark.parametrize(
    "value",
    [FRAME, FRAME.set_index("text"), FRAME.set_index(["n", "day"]), FRAME.describe(), pd.DataFrame(), FRAME.iloc[:0]],
    ids=["all types", "text index", "two-level index", "describe", "empty", "no rows"],
)
def test_frames_arrive_identical(value: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(Pair().send(value), value)


@pytest.mark.parametrize("name", list(FRAME.columns))
def test_series_arrive_identical(name: str) -> None:
    pd.testing.assert_series_equal(Pair().send(FRAME[name]), FRAME[name])


def test_moments_and_their_absence_cross() -> None:
    for value in (FRAME["day"].iloc[0], FRAME["zone"].iloc[1], pd.Timedelta("1h")):
        assert Pair().send(value) == value
    assert Pair().send(pd.NaT) is pd.NaT
    assert Pair().send(pd.NA) is pd.NA


def message(rows: Any, buffers: list[bytes] | None = None, **head: Any) -> bytes:
    return pack({"t": rows, "v": [0], **head}, buffers or [])


HOSTILE = [
    [["?"]],
    [["l"]],
    [["l", "x"]],
    [["l", 1, [7]]],
    [["l", 1, [-1]]],
    [["l", 1, {"a": 1}]],
    [["l", 1, [[0]]]],
    [["t", [1]], ["t", [0]]],
    [["d", 1, 2]],
    [["d", 1, [1], 0], ["l", 3]],
    [["i", "zz"]],
    [["i", 5]],
    [["b", 0]],
    [["b", True]],
    [["@", 99]],
    [["@", [1]]],
    [["T", "os"]],
    [["dt", 1]],
    [["dt", 99999, 1, 1, 0, 0, 0, 0, None, 0]],
    [["de", "x"]],
    [["fr", 1, 0]],
    [["r", 1, 2, 0]],
    [["ar", 1, "q", 0]],
    [["tz", "../../etc/passwd"]],
    [["n", 1, "O", [1], 0]],
    [["n", 1, "<f8", [1 << 40], 0]],
    [["n", 1, "<f8", [-1], 0]],
    [["n", 1, "<f8,<f8", [1], 0]],
    [["no", 1, [5], 1]],
    [["no", 1, [1 << 50]]],
    [["nor", 1 << 60]],
    [["pf", 1, 0, 0]],
    [["px", "object", 1]],
    [[]],
    [5],
    [None],
    5,
    {"a": 1},
]


@pytest.mark.parametrize("rows", HOSTILE, ids=lambda r: json.dumps(r)[:40])
def test_a_hostile_table_is_a_protocol_error(rows: Any) -> None:
    with pytest.raises(ProtocolError):
        Codec(0).decode(message(rows, []))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0",
        struct.pack(">I", 5) + b"{}",
        struct.pack(">I", 0xFFFFFFFF),
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 3) + b"nul",
        struct.pack(">I", 2) + b"{}" + b"surplus",
        struct.pack(">I", 9) + b'{"b":[9]}',
        struct.pack(">I", 10) + b'{"b":[-1]}',
        struct.pack(">I", 100_000) + b"[" * 100_000,
        struct.pack(">I", 5_000_000) + b"[" * 5_000_000,
    ],
)
def test_a_hostile_message_is_a_protocol_error(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack(payload)


@settings(max_examples=400, deadline=None)
@given(values, st.data())
def test_mutated_messages_raise_nothing_but_protocol_errors(value: Any, data: st.DataObject) -> None:
    payload = bytearray(Codec(1).encode({}, v=[value, np.arange(3), FRAME]))
    for _ in range(data.draw(st.integers(1, 6))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    codec = Codec(0)
    codec.arrays()
    try:
        head, decoder = codec.decode(bytes(payload))
        decoder.value(head.get("v"))
    except ProtocolError:
        return
