"""Reads what pytest says of a failed test, so that what was expected and what came stand side by side.

Only what can be told for sure is told: a message in no known form, or one that could be split in two ways, gives None
or a failure without sides, and the message is shown as it is. Pure text in, values out; nothing is evaluated.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = re.compile(r"^E( {3}(?P<text>.*)|)$")
_FRAME = re.compile(r"^(?P<path>[\w./-]+\.py):\d+: in (?P<name>\S+)$")
_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*(?P<name>[A-Za-z_]\w*(?:Error|Exception|Exit|Interrupt|Failed))(?:: |$)")
_RAISE = re.compile(r"^(?:Failed: )?DID NOT RAISE (?:<class '(?P<class>[\w.]+)'>|(?P<name>.+))$")
_WHERE = re.compile(r"^ \+  (?:where|and  ) (?P<value>.+?) = (?P<call>.+)$")
_NUMBER = re.compile(r"^np\.(?:float|int|uint)\d+\((.+)\)$")
_SUBMISSION = "In the submission:"
_OWN = ("result", "result[", "result:")
"""How messages of `assert_close` begin."""

_SHOULD = {
    "==": "should equal", "!=": "should differ from", "<": "should be less than", "<=": "should be at most",
    ">": "should be greater than", ">=": "should be at least", "in": "should be in", "not in": "should not be in",
    "is": "should be", "is not": "should not be",
}  # fmt: skip
_OPERATOR = re.compile(r" (==|!=|<=|>=|<|>|not in|in|is not|is) ")
_FORMS = (
    re.compile(
        r"^(?P<what>result(?:\[[^\]]*\])*) is (?P<got>.+), expected (?P<expected>.+) within (?P<within>[\d.e+-]+)$"
    ),
    re.compile(
        r"^(?P<what>result(?:\[[^\]]*\])*) is (?P<got>.+), expected (?P<expected>.+) \((?P<note>\d+ of \d+ differ)\)$"
    ),
    re.compile(r"^(?P<what>result(?:\[[^\]]*\])*) is (?P<got>.+) of type (?P<type>\w+), expected (?P<expected>.+)$"),
    re.compile(r"^(?P<what>result(?:\[[^\]]*\])*) is (?P<got>.+), expected (?P<expected>.+)$"),
    re.compile(r"^(?P<what>result(?:\[[^\]]*\])*) shows as (?P<got>.+), expected (?P<expected>.+)$"),
    re.compile(r"^(?P<what>result(?:\[[^\]]*\])*) has (?P<got>\d+) (?P<kind>values), expected (?P<expected>\d+)$"),
    re.compile(
        r"^(?P<what>result(?:\[[^\]]*\])*) has the (?P<kind>shape|dtype|keys) (?P<got>.+), expected (?P<expected>.+)$"
    ),
)
_EXPECTED_FIRST = re.compile(r"^expected (?P<expected>.+), got (?P<got>.+)$")
_GOT_FIRST = re.compile(r"^got (?P<got>.+), expected (?P<expected>.+)$")
_PAIRS = (("[left]:", "[right]:"), ("ACTUAL:", "DESIRED:"))


@dataclass(frozen=True)
class Side:
    """One of two values with the words that belong before it: `got`, `expected`, `should be less than`, …"""

    label: str
    value: str


@dataclass(frozen=True)
class Failure:
    """A failed test in parts. `summary` is one line; each of the others is empty where it is not known for sure."""

    summary: str
    sides: tuple[Side, ...] = ()
    asked: str = ""
    """The line of the test that failed, or the call whose result was wrong: what the student's code was given."""
    note: str = ""
    """How far apart the values may be, or how many differ."""
    place: tuple[str, ...] = ()
    """Lines that say where in the submission an exception was raised."""


def read_failure(message: str) -> Failure | None:
    """What the message of a failed test says; None when it is in no form that pytest or the SDK writes."""
    body, _, trace = message.partition(f"\n{_SUBMISSION}\n")
    lines = body.split("\n")
    said = _first_block(lines)
    if not said or not said[0]:
        return None
    place = tuple(line.strip() for line in trace.split("\n") if line.strip())
    asked = next(iter(_sources(lines)), "")
    if "AssertionError" not in said[0] and not said[0].startswith(("assert ", "Failed: ")):
        return Failure(_short_name(said[0]), asked=asked, place=place)
    first = said[0].removeprefix("AssertionError: ")
    found = _raises(first) or _sdk(first) or _pair(said) or _comparison(first, said[1:], _sources(lines)[-1:])
    summary = first if not first.startswith("assert ") else "An assertion does not hold."
    if found is None:
        return Failure(first, asked=asked, place=place)
    return Failure(found.summary or summary, found.sides, found.asked or asked, found.note, place)


def _first_block(lines: Sequence[str]) -> list[str]:
    """The lines marked E of the first failure, without their mark; a later one is of another phase of the test."""
    block: list[str] = []
    for line in lines:
        match = _LINE.match(line)
        if match is not None:
            block.append((match["text"] or "").rstrip())
        elif block:
            break
    return block


def _sources(lines: Sequence[str]) -> list[str]:
    """The source lines of each frame, the test's own first, without pytest's arrows."""
    frames: list[list[str]] = []
    for line in lines:
        if _FRAME.match(line):
            frames.append([])
        elif line.startswith("E"):
            break
        elif frames and line.startswith("    ") and set(line) - set("^~ "):
            frames[-1].append(line[4:].rstrip())
    return ["\n".join(frame) for frame in frames]


def _short_name(line: str) -> str:
    """`numpy.linalg.LinAlgError: Singular matrix` without the packages' names."""
    match = _EXCEPTION.match(line)
    return line[match.start("name") :] if match else line


def _raises(text: str) -> Failure | None:
    match = _RAISE.match(text)
    if match is None:
        return None
    name = (match["class"] or match["name"]).rpartition(".")[2]
    return Failure("An error should have been raised.", (Side("got", "no error"), Side("expected", name)))


def _sdk(text: str) -> Failure | None:
    """The SDK's own messages, and those of a test that writes `expected …, got …`."""
    if text.count("expected ") != 1:
        return None
    forms = _FORMS if text.startswith(_OWN) else (_EXPECTED_FIRST, _GOT_FIRST)
    for form in forms:
        if match := form.match(text):
            parts = match.groupdict()
            got = _plain(parts["got"]) + (f" ({parts['type']})" if parts.get("type") else "")
            within = f"may differ by {parts['within']}" if parts.get("within") else ""
            sides = (Side("got", got), Side("expected", _plain(parts["expected"])))
            summary = _what(parts.get("what") or "result", parts.get("kind") or "")
            return Failure(summary, sides, note=parts.get("note") or within)
    return None


def _what(name: str, kind: str) -> str:
    """The sentence over two values: `The shape of result is not what it should be.`"""
    whose = "the result" if name == "result" else name
    part = {"": "", "values": "The number of values in "}.get(kind, f"The {kind} of ")
    verb, it = ("are", "they") if kind == "keys" else ("is", "it")
    text = f"{part}{whose} {verb} not what {it} should be."
    return text if text.startswith("result") else text[:1].upper() + text[1:]


def _pair(said: Sequence[str]) -> Failure | None:
    """The two lines that numpy and pandas write about arrays and tables."""
    for first, second in _PAIRS:
        values = [[line.strip() for line in said if line.strip().startswith(mark)] for mark in (first, second)]
        if any(len(found) != 1 for found in values):
            continue
        sure = first == "ACTUAL:" or "result: " in said[0]
        labels = ("got", "expected") if sure else ("left", "right")
        sides = [
            Side(label, found[0].removeprefix(mark).strip())
            for label, found, mark in zip(labels, values, (first, second), strict=True)
        ]
        summary = next((line for line in said if "differ" in line or "mismatch" in line), said[0])
        return Failure(summary.removeprefix("AssertionError: ").removeprefix("result: "), tuple(sides))
    return None


def _comparison(text: str, rest: Sequence[str], source: Sequence[str]) -> Failure | None:
    """`assert 3 == 4`; whose value is whose is known from the call that pytest names, or from the source's literal."""
    parts = _split(text.removeprefix("assert ")) if text.startswith("assert ") else None
    if parts is None:
        return None
    left, operator, right = parts
    calls = _calls(rest)
    known = [value for value in (left, right) if value in calls]
    asked = calls[known[0]] if len(known) == 1 else ""
    literal = _literal(source[0]) if source else None
    if literal is None and len(known) == 1:
        literal = "right" if known[0] == left else "left"
    if operator == "==" and literal is not None:
        got, expected = (left, right) if literal == "right" else (right, left)
        return Failure("", (Side("got", _plain(got)), Side("expected", _plain(expected))), asked)
    return Failure("", (Side("this", _plain(left)), Side(_SHOULD[operator], _plain(right))), asked)


def _literal(source: str) -> str | None:
    """Which side of the only comparison that a statement asserts is written out as a value: `left`, `right` or None."""
    try:
        nodes = [node.test for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(nodes) != 1 or not isinstance(nodes[0], ast.Compare) or len(nodes[0].ops) != 1:
        return None
    written = [side for side, node in (("left", nodes[0].left), ("right", nodes[0].comparators[0])) if _is_value(node)]
    return written[0] if len(written) == 1 else None


def _is_value(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _calls(rest: Sequence[str]) -> dict[str, str]:
    """Values by the lines `+  where 3 = add(1, 2)`, only those at the first level."""
    found = [match for line in rest if (match := _WHERE.match(line))]
    return {match["value"]: match["call"] for match in found if "(" in match["call"] and " = " not in match["call"]}


def _split(text: str) -> tuple[str, str, str] | None:
    """Left, operator, right when exactly one comparison stands outside of brackets and quotes."""
    found = list(_OPERATOR.finditer(_outside(text)))
    if len(found) != 1:
        return None
    left, right = text[: found[0].start()].strip(), text[found[0].end() :].strip()
    return (left, found[0][1], right) if left and right else None


def _outside(text: str) -> str:
    """The text with all that is quoted or in brackets blotted out; nothing of it when these do not end."""
    shown, depth, quote, escaped = [], 0, "", False
    for char in text:
        inside = depth > 0 or bool(quote)
        if quote:
            quote = "" if char == quote and not escaped else quote
            escaped = char == "\\" and not escaped
        elif char in "'\"":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
        shown.append("_" if inside else char)
    return "".join(shown) if depth == 0 and not quote else ""


def _plain(value: str) -> str:
    """`np.float64(3.0)` as `3.0`."""
    match = _NUMBER.match(value.strip())
    return match[1] if match else value.strip()
