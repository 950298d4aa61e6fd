"""Values as flat tables: the same objects on the other side, of exact built-in types, whatever their depth or sharing.

A value is a JSON scalar (None, bool, int, float, str) or `[i]`, a reference to row i of the message's table. A row is
`[tag, ...]`. Because containers are rows and never nested, depth costs no recursion, and sharing and cycles survive.
Data only: a row can name no class and no function of the reader; a tag the reader does not know ends the conversation.
Types are told apart by `type(x)`, since `__class__` can lie. Standard library only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from grader.exam.mirrors import Kind, Mirrors
from grader.exam.protocol import ProtocolError, pack, unpack

__tracebackhide__ = True  # pytest leaves out these frames: a test author sees the test

BIG = 1 << 1000
"""Integers beyond this travel in hexadecimal: decimal conversion is quadratic and limited."""
MAX_ROWS = 1_000_000
MAX_NESTED = 10_000
"""Deepest nesting of tuples and the like: Python hashes them by recursion in C, without a limit of its own."""
NUMBERS = {int, float, bool, type(None)}
SCALARS = NUMBERS | {str}
_MISSING = object()

Row = list[Any]


class CannotCross(TypeError):
    """Raised when a value has no form on the wire; the text says which and what to do instead."""


class Reader(NamedTuple):
    """How rows of one tag become objects.

    `make(decoder, row)` builds the object from rows it refers to; with `fill`, it builds an empty one first and
    `fill(decoder, obj, row)` puts in the elements once every row has its object. `needs` is how many leading fields
    `make` looks at (None: all).
    """

    make: Callable[[Decoder, Row], Any]
    fill: Callable[[Decoder, Any, Row], None] | None = None
    needs: int | None = None


Writer = Callable[["Encoder", Any], Row]


def plain(values: Iterable[Any]) -> bool:
    """Whether every element can stand in JSON as it is; decided in C, for long lists."""
    kinds = set(map(type, values))
    if kinds <= {float, bool}:
        return True
    if kinds <= {int, float, bool}:
        return bool(max(values) < BIG and min(values) > -BIG)
    return kinds == {str} and "".join(values).isascii()


class Encoder:
    """Collects the rows and buffers of one message."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.rows: list[Row | None] = []
        self.buffers: list[bytes] = []
        self.rollback: list[Callable[[], Any]] = []
        """What undoes, in reverse, the claims this message makes about the other side, should it never leave."""
        self._seen: dict[int, int] = {}
        self._keep: list[Any] = []
        self._todo: list[tuple[int, Any]] = []
        self._changed: set[int] = set()

    def value(self, obj: Any) -> Any:
        """The form of `obj` in this message; its row is written later, by `finish`."""
        kind = type(obj)
        if kind is int:
            if -BIG < obj < BIG:
                return obj
        elif kind is str:
            if obj.isascii() or _utf8(obj):
                return obj
        elif kind in NUMBERS:
            return obj
        at = self._seen.get(id(obj))
        if at is None:
            at = self._seen[id(obj)] = len(self.rows)
            self.rows.append(None)
            self._keep.append(obj)
            self._todo.append((at, obj))
        return [at]

    def values(self, objs: Iterable[Any]) -> list[Any]:
        objs = list(objs)
        return objs if objs and plain(objs) else [self.value(o) for o in objs]

    def buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1

    def mirror(self, obj: Any, kind: Kind, row: Callable[[int], Row]) -> Row:
        """The row of a container: a mere mention when the other side has it and nothing changed, else `row(number)`."""
        mirrors = self.codec.mirrors
        mirror = mirrors.of(obj)
        if mirror is None:
            mirror = mirrors.add(obj, kind)
            self.rollback.append(partial(mirrors.forget, mirror.number))
        elif mirror.number not in self._changed:
            return ["@", mirror.number]
        else:
            self.rollback.append(partial(setattr, mirror, "dirty", True))
        mirror.settle()
        return row(mirror.number)

    def changes(self) -> None:
        """Put every container that changed here since the last message into this one."""
        changed = list(self.codec.mirrors.changed(self.codec.recent))
        self._changed = {m.number for m in changed}
        for mirror in changed:
            self.value(mirror.obj)

    def finish(self) -> None:
        """Write the rows still owed. Raises CannotCross."""
        writers = self.codec.writers
        while self._todo:
            at, obj = self._todo.pop()
            if len(self.rows) > MAX_ROWS:
                raise CannotCross(f"a value of more than {MAX_ROWS} parts is too large to cross")
            writer = writers.get(type(obj))
            self.rows[at] = writer(self, obj) if writer else self.codec.foreign(self, obj)


def _utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Decoder:
    """Turns the table of one message into objects."""

    def __init__(self, codec: Codec, rows: list[Row], buffers: list[memoryview]) -> None:
        self.codec = codec
        self.rows = rows
        self.buffers = buffers
        self._used: set[int] = set()
        self.objects: list[Any] = [_MISSING] * len(rows)

    def value(self, form: Any) -> Any:
        """The object of a form. Raises ProtocolError when it is not a form of this message."""
        if type(form) is list:
            try:
                (at,) = form
                obj = self.objects[at] if at >= 0 else _MISSING
            except (ValueError, TypeError, IndexError):
                raise ProtocolError("a reference to nowhere") from None
            if obj is _MISSING:
                raise ProtocolError("a reference to nowhere")
            return obj
        if type(form) in SCALARS:
            return form
        raise ProtocolError("a form of no kind")

    def values(self, forms: list[Any]) -> list[Any]:
        if set(map(type, forms)) <= SCALARS:
            return forms
        return [self.value(f) for f in forms]

    def buffer(self, at: Any) -> memoryview:
        if type(at) is not int or not 0 <= at < len(self.buffers):
            raise ProtocolError("a buffer that is not there")
        if at in self._used:
            raise ProtocolError("a buffer used twice")  # or a small message could ask for any amount of memory
        self._used.add(at)
        return self.buffers[at]

    def run(self) -> None:
        """Build every object: leaves and empty containers first, then the contents. Raises ProtocolError."""
        if len(self.rows) > MAX_ROWS:
            raise ProtocolError("a table with too many rows")
        try:
            fills = self._make()
            for at, reader in fills:
                assert reader.fill is not None
                reader.fill(self, self.objects[at], self.rows[at])
        except ProtocolError:
            raise
        except Exception as error:  # whatever a constructor of the standard library makes of a forged row
            raise ProtocolError(f"a row that makes no sense: {type(error).__name__}: {str(error)[:200]}") from None
        for at, _ in fills:
            mirror = self.codec.mirrors.of(self.objects[at])
            if mirror is not None:
                mirror.settle()

    def _make(self) -> list[tuple[int, Reader]]:
        fills: list[tuple[int, Reader]] = []
        depth: dict[int, int] | None = {} if len(self.rows) > MAX_NESTED else None
        for start in range(len(self.rows)):
            stack, entered = [start], set()
            while stack:
                at = stack[-1]
                if self.objects[at] is not _MISSING:
                    stack.pop()
                    continue
                reader, row = self._reader(at)
                needs = self._needs(reader, row)
                waits = [i for i in needs if self.objects[i] is _MISSING]
                if waits and at not in entered:
                    entered.add(at)
                    stack += waits
                    continue
                if depth is not None:
                    depth[at] = 1 + max((depth.get(i, 0) for i in needs), default=0)
                    if depth[at] > MAX_NESTED:
                        raise ProtocolError("tuples nested too deep")
                self.objects[at] = reader.make(self, row)
                if reader.fill:
                    fills.append((at, reader))
                stack.pop()
        fills.sort(key=lambda pair: self.rows[pair[0]][0] in HASHED)
        return fills

    def _reader(self, at: int) -> tuple[Reader, Row]:
        row = self.rows[at]
        if type(row) is not list or not row or type(row[0]) is not str:
            raise ProtocolError("a row of no kind")
        reader = self.codec.readers.get(row[0]) or self.codec.learn(row[0])
        if reader is None:
            raise ProtocolError(f"a row of unknown kind {row[0][:20]!r}")
        return reader, row

    def _needs(self, reader: Reader, row: Row) -> list[int]:
        found = []
        for form in row[1 : None if reader.needs is None else reader.needs + 1]:
            if type(form) is list:
                if len(form) != 1 or type(form[0]) is not int or not 0 <= form[0] < len(self.rows):
                    raise ProtocolError("a reference to nowhere")
                found.append(form[0])
        return found


ARRAY_TAGS = {"n", "no", "nr", "nor", "nu", "nd"}
FRAME_TAGS = {"pf", "ps", "pc", "pz", "px", "pr", "pm", "pi", "pt", "pk", "pu", "pT", "pD", "pN", "pA"}
SHARED = {"@", "l", "d", "s", "y", "dq", "dd", "od", "C", "ns", "ar", "sio", "n", "no", "pf", "ps", "vl", "vd", "vs"}
"""Rows whose first field is the number of a shared container."""
HASHED = {"d", "s", "dd", "od", "C", "vd", "vs"}
"""Containers filled last: filling them may hash what others hold."""


class Codec:
    """One side's reader and writer. Subclasses say how objects that are not data cross, in `foreign` and `readers`."""

    def __init__(self, first: int) -> None:
        from grader.exam.values import READERS, TYPE_NAMES, WRITERS

        self.mirrors = Mirrors(first)
        self.writers: dict[type, Writer] = dict(WRITERS)
        self.readers: dict[str, Reader] = dict(READERS)
        self.recent: frozenset[int] = frozenset()
        """Numbers of the containers in the message that came last: the arguments of the call being answered."""
        self.type_names = TYPE_NAMES
        self._arrays = False
        self._decoding = 0

    def foreign(self, encoder: Encoder, obj: Any) -> Row:
        """The row of an object that is not data. Raises CannotCross."""
        if type(obj) is type and obj in self.type_names:
            return ["T", self.type_names[obj]]
        raise CannotCross(f"a {type(obj).__name__} cannot cross between the test and the submission")

    def arrays(self) -> None:
        """Learn numpy and pandas once they are imported."""
        if not self._arrays and "numpy" in sys.modules:
            from grader.exam import buffers

            self._arrays = buffers.install(self)

    def learn(self, tag: str) -> Reader | None:
        """The reader of an array's or a frame's row; the first one that comes imports numpy or pandas."""
        library = "numpy" if tag in ARRAY_TAGS else "pandas" if tag in FRAME_TAGS else None
        if library is None:
            return None
        try:
            importlib.import_module(library)
        except ImportError:
            raise ProtocolError(f"{library} is not installed where this value is to be used") from None
        self._arrays = False
        self.arrays()
        return self.readers.get(tag)

    def encode(self, head: dict[str, Any], **fields: Any) -> bytes:
        """A message: `head` as it is, `fields` as values, and every change of shared containers."""
        self.arrays()
        encoder = Encoder(self)
        try:
            if not self._decoding:  # else a hash is being asked for while containers are half filled
                encoder.changes()
            for name, obj in fields.items():
                head[name] = encoder.value(obj)
            encoder.finish()
        except BaseException:
            for undo in reversed(encoder.rollback):
                undo()
            raise
        drops = [] if self._decoding else self.mirrors.drop_unseen()
        if drops:
            head["drop"] = drops
        if encoder.rows:
            head["t"] = encoder.rows
        return pack(head, encoder.buffers)

    def decode(self, payload: bytes) -> tuple[dict[str, Any], Decoder]:
        """The head of a message and its decoder, with every object built. Raises ProtocolError."""
        self.arrays()
        head, buffers = unpack(payload)
        rows = head.get("t", [])
        if type(rows) is not list:
            raise ProtocolError("a table that is not a list")
        drops = head.get("drop", [])
        if type(drops) is not list:
            raise ProtocolError("drops that are not a list")
        decoder = Decoder(self, rows, buffers)
        self._decoding += 1
        try:
            decoder.run()
        finally:
            self._decoding -= 1
        self.recent = frozenset(row[1] for row in rows if row[0] in SHARED)
        for number in drops:
            if type(number) is int:
                self.mirrors.forget(number)
        return head, decoder
