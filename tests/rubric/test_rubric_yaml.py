from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import RubricError
from grader.rubric import load_suite
from grader.rubric.source import parse

MakeSuite = Callable[..., Path]
Problems = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "rubric.yaml:1:1: is empty"),
        ("# only a comment\n", "rubric.yaml:1:1: is empty"),
        ("- a\n", "rubric.yaml:1:1: must be keys and values"),
        ("text", "rubric.yaml:1:1: must be keys and values"),
        ("id: a\nlimits: [1\ntitle: b\n", "rubric.yaml:3:6: not YAML: while parsing a flow sequence"),
        ("id: a\n\ttitle: b\n", "rubric.yaml:2:1: not YAML: while scanning"),
        ("id: a\n---\nid: b\n", "rubric.yaml:2:1: not YAML: expected a single document"),
        ("id: *nothing\n", "rubric.yaml:1:5: not YAML: found undefined alias"),
        ("id: a\nid: b\n", "rubric.yaml:2:1: id: duplicate key `id`, first on line 1"),
        ("limits:\n  time: 1\n  time: 1\n", "rubric.yaml:3:3: limits.time: duplicate key `time`, first on line 2"),
        ("id: !!python/object/apply:os.system [ls]\n", "rubric.yaml:1:1: id: the tag python/object/apply:os.system"),
        ("a: &a {b: 1}\n<<: *a\n", "rubric.yaml:2:1: a key must be plain text; merging with <<"),
        ("? [a, b]\n: 1\n", "rubric.yaml:1:3: a key must be plain text"),
        ("criteria: &a [*a]\n", "rubric.yaml:1:11: criteria.0: is too large or contains itself"),
        ('title: "a\\0b"\n', "rubric.yaml:1:1: title: holds a control character"),
        ('title: "\\ud800"\n', "rubric.yaml:1:1: title: holds a control character"),
        ("version: !!int x\n", "rubric.yaml:1:1: version: is not a number"),
        ("version: " + "9" * 5000, "rubric.yaml:1:1: version: is not a number"),
        ('title: "\\UFFFFFFFF"', "rubric.yaml:1:1: not YAML"),
        ("[" * 2000, "rubric.yaml:1:1: is nested too deeply"),
        ("a: " + "[" * 30 + "]" * 30, "is too large or contains itself"),
        ("#" * (2**20 + 1), "rubric.yaml:1:1: is larger than 1 MB"),
    ],
    ids=range(22),
)
def test_bad_yaml_is_refused_at_its_place(problems: Problems, text: str, problem: str) -> None:
    found = problems(files={"rubric.yaml": text})

    assert any(problem in line for line in found), found


def test_bytes_that_are_not_text_are_refused_at_their_place(problems: Problems) -> None:
    assert problems(files={"rubric.yaml": b"id: a\ntitle: \xff\n"}) == ["rubric.yaml:2:8: is not UTF-8 text"]


def test_an_alias_bomb_is_refused(problems: Problems) -> None:
    layers = "\n".join(
        f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(10))}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )

    found = problems(files={"rubric.yaml": f"a: &a [x]\n{layers}\n"})

    assert any("too large" in line for line in found)
    assert len(found) < 30


def test_every_duplicate_is_reported_at_once(problems: Problems) -> None:
    found = problems(("pass_mark: 70", "pass_mark: 70\ntitle: again\nsandbox: again"))

    assert [line.split(":")[1] for line in found] == ["15", "16"]


def test_a_value_that_cannot_be_read_is_one_problem(problems: Problems) -> None:
    assert problems(("title: Fit a line", "title: !shout Fit a line")) == [
        "rubric.yaml:4:1: title: the tag !shout is not understood here"
    ]


def test_yaml_keeps_words_and_dates_as_text() -> None:
    document = parse(b"a: no\nb: 2026-13-45\nc: 010\nd: 0x1F\ne: 1_000\nf: true\ng: ~\nh: 1.5e3\ni: -.inf\n2: x\n", "f")

    assert document.problems == []
    assert document.data == {
        "a": "no",
        "b": "2026-13-45",
        "c": 10,
        "d": 31,
        "e": 1000,
        "f": True,
        "g": None,
        "h": 1500.0,
        "i": float("-inf"),
        "2": "x",
    }


def test_an_alias_repeats_a_value(make_suite: MakeSuite) -> None:
    folder = make_suite(("points: 60", "points: &p 60"), ("points: 10\n    quality", "points: *p\n    quality"))

    assert [c.points for c in load_suite(folder).rubric.criteria] == [60, 30, 60, 20]


# Nothing but RubricError


def _only_rubric_errors(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rubric.yaml").write_bytes(raw)
        with pytest.raises(RubricError) as caught:  # the folder lacks the tests, so none of these is sound
            load_suite(Path(folder))
    assert caught.value.problems
    assert all(line.encode() and line.count(":") >= 2 for line in caught.value.problems)
    assert str(caught.value).encode()


_PIECES = [
    "",
    "~",
    "[]",
    "{}",
    "-1",
    "true",
    "&a",
    "*a",
    "!!x ",
    "'",
    '"',
    "\\",
    "{",
    "]",
    ": ",
    "\n",
    "  ",
    "- ",
    "\t",
    "\0",
    "é",
]
_PIECES += [
    "<<: ",
    "? ",
    "|",
    "--- ",
    "%YAML 1.1\n",
    ".nan",
    "9" * 30,
    "!!int ",
    "!!set ",
    "!!binary ",
    '"\\ud800"',
    "é" * 70,
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_mutated_rubric_never_raises_anything_else(good: str, data: st.DataObject) -> None:
    text = good
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(_PIECES)) + text[end:]
    _only_rubric_errors(text.encode())


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_wrong_value_anywhere_never_raises_anything_else(good: str, data: st.DataObject) -> None:
    """JSON is YAML: a tree with one value replaced, written as JSON."""

    tree = parse(good.encode(), "rubric.yaml").data
    here: Any = {"": tree}
    key: Any = ""
    while isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
        here = here[key]
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
    here[key] = data.draw(_VALUES)
    _only_rubric_errors(json.dumps(tree).encode())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_noise_never_raises_anything_else(raw: bytes) -> None:
    _only_rubric_errors(raw)
