"""Answers no honest candidate sends: each ends the conversation as a crash, and none harms the examiner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader.exam import protocol, proxies
from grader.exam.link import CandidateGone, Link
from grader.exam.protocol import Kind

CLASS = {"n": "C", "q": "C", "m": "solution", "doc": None, "d": [], "no": [], "me": [], "sig": None}
ERROR = ["t"]
PAIRS = ["t"]


def answer(rows: list[Any], *buffers: bytes, **head: Any) -> Any:
    """What a test gets when the candidate answers a request with this table; the value is its first row."""
    message = protocol.pack({"r": "ok", "v": [0], "t": rows, **head}, list(buffers))
    asked: list[bytes] = []

    def receive() -> tuple[int, bytes]:
        if len(asked) > 1:
            return Kind.GONE, protocol.pack({"reason": "crashed", "detail": "asked again"}, [])
        return Kind.ANSWER, message

    link = Link(lambda kind, payload: asked.append(payload), receive)
    proxies.connect(link)
    return link.request({"op": "call"})


def unicode_error(start: int, end: int) -> list[Any]:
    args = ["t", "utf-8", [4], start, end, "r"]
    return [["x", "UnicodeDecodeError", None, "", [2], [3], None, None], ["t"], args, ["t"], ["b", 0]]


FORGED: dict[str, tuple[list[Any], list[bytes]]] = {
    "a buffer used twice": ([["t", [1], [2]], ["b", 0], ["b", 0]], [b"x" * 100]),
    "an array of no width": ([["n", 1, "|S0", [10**12], 0]], [b""]),
    "an array of objects without elements": ([["no", 1, [10**12]]], []),
    "raw objects without elements": ([["nor", 1, 10**12]], []),
    "an error far outside its text": (unicode_error(-(10**15), -(10**15) + 1), [b"x"]),
    "an error behind its text": (unicode_error(10**15, 10**15 + 1), [b"x"]),
    "a zone that is a folder": ([["tz", "America"]], []),
    "a zone that is a path": ([["tz", "../../etc/passwd"]], []),
    "a zone with a NUL": ([["tz", "a\0b"]], []),
    "a pattern that is deep": ([["re", "(" * 5000 + ")" * 5000, 0]], []),
    "a pattern that is wrong": ([["re", "(", 0]], []),
    "a decimal of no number": ([["de", "x"]], []),
    "a fraction over zero": ([["fr", 1, 0]], []),
    "a range of no step": ([["r", 0, 1, 0]], []),
    "a date too far": ([["da", 10**6, 1, 1]], []),
    "a class named by an integer": ([["k", 1, {**CLASS, "n": 5, "d": 7}]], []),
    "a class without fields": ([["k", 1, {}]], []),
    "a class from a class of no kind": ([["k", 1, CLASS, 5]], []),
    "a class with a NUL in its name": ([["k", 1, {**CLASS, "n": "a\0b"}]], []),
    "a signature of no names": ([["k", 1, {**CLASS, "sig": [[["1x", 0, ["="], ["="]]], ["="]]}]], []),
    "a function of no kind": ([["f", 1, {"n": 5}]], []),
    "an exception class that is none": ([["E", "os.system"]], []),
    "an exception of a plain class": ([["x", [1], 1, "", [2], [2], None, None], ["T", "int"], ["t"]], []),
    "a loaned object that is none": ([["H", 1]], []),
    "a loaned object named by a list": ([["H", [0]]], []),
    "a container that is not known": ([["@", 4]], []),
    "a handle of a plain class": ([["h", 1, [1]], ["T", "int"]], []),
    "a handle to an error": ([["h", 1, [1]], ["k", 2, CLASS, [2]], ["E", "ValueError"]], []),
    "contents of another type": ([["vi", 1, [1], "x"], ["k", 2, CLASS, [2]], ["T", "int"]], []),
    "tuples so deep that their hash ends the process": (
        [["s", 1, [1]], *(["t", [n + 2]] for n in range(400_000)), ["t"]],
        [],
    ),
    "a row that waits for itself": ([["t", [0]]], []),
    "a reference to nowhere": ([["t", [7]]], []),
    "an unhashable key": ([["d", 1, [1], 1], ["l", 3]], []),
    "half a pair": ([["d", 1, 1]], []),
    "a column of any type": ([["px", "object", 1]], []),
    "an unknown row": ([["import", "os"]], []),
    "a callback to the candidate": ([["cb", 1, "function", None]], []),
    "a name to import": ([["bf", "os:system"]], []),
    "an index of rows it has not": ([["pf", 1, [1], [1]], ["pr", 0, 5, 1, None]], []),
}


@pytest.mark.parametrize("what", list(FORGED))
def test_a_forged_answer_is_a_crash_of_the_candidate(what: str) -> None:
    rows, buffers = FORGED[what]
    with pytest.raises(CandidateGone):
        answer(rows, *buffers)


@pytest.mark.parametrize("out", [5, [5], [[1]], [[1, 2]], [["x", "y", "z"]], {"a": 1}])
def test_output_of_no_form_is_left_out(out: Any) -> None:
    assert answer([["t"]], out=out) == ()


@pytest.mark.parametrize("warned", [5, None, "x"])
def test_warnings_of_no_form_are_left_out(warned: Any) -> None:
    assert answer([["t"]], wn=warned) == ()


def test_a_class_that_says_it_is_built_in_is_not_called_while_its_row_is_read() -> None:
    rows = [["x", [1], 1, "text", [2], [2], None, None], ["k", 2, {**CLASS, "m": "builtins"}, [3]], ["t"]]
    error = answer([*rows, ["E", "ValueError"]])

    assert isinstance(error, ValueError)
    assert type(error).__name__ == "C"
    assert str(error) == "text"


def test_names_and_modules_that_lie_change_nothing_of_the_examiners() -> None:
    for module, name in (("builtins", "int"), ("__main__", "x"), ("pytest", "fail"), ("../../x", "a/b"), ("", "")):
        made = answer([["k", 1, {**CLASS, "m": module, "n": name, "q": name}]])
        assert made is not int
        assert issubclass(made, proxies.RemoteObject)
    found = answer([["m", 1, "os"]])
    assert type(type(found)) is proxies.RemoteMeta
    assert not isinstance(found, type(np))


def test_a_container_is_refilled_only_when_it_crossed() -> None:
    own = [1, 2]
    for number in range(6):
        try:
            answer([["l", number, 9]])
        except CandidateGone:
            continue
    assert own == [1, 2]


def test_a_frame_keeps_its_type_whatever_row_names_it() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    sent: list[bytes] = []
    messages = [protocol.pack({"r": "ok", "v": [0], "t": [["ns", 0, "x", 1]]}, [])]
    link = Link(lambda kind, payload: sent.append(payload), lambda: (Kind.ANSWER, messages[0]))
    proxies.connect(link)
    with pytest.raises(CandidateGone):
        link.request({"op": "call"}, a=(frame,))
    assert frame["a"].tolist() == [1, 2]
