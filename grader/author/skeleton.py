"""A small suite that works at once, to be changed into the one that is wanted."""

from __future__ import annotations

import json


def skeleton(id: str, title: str, sandbox: str) -> dict[str, bytes]:
    """The files of the suite by path."""
    head = f"rubric: 1\nid: {id}\nversion: 1\ntitle: {json.dumps(title, ensure_ascii=False)}\nsandbox: {sandbox}\n"
    files = {
        "rubric.yaml": head + _RUBRIC,
        "brief.md": f"# {title}\n\n{_BRIEF}",
        "tests/test_visible.py": _VISIBLE,
        "tests/test_hidden.py": _HIDDEN,
        "starter/solution.py": _STARTER,
        "examples/expected.yaml": _EXPECTED,
        "examples/reference/solution.py": _REFERENCE,
        "examples/empty/solution.py": _STARTER,
        "examples/forgets-negatives/solution.py": _BAD,
    }
    return {path: text.encode() for path, text in files.items()}


_RUBRIC = """\
submission: {accepts: [repository], requires: [solution.py]}
limits: {time: 60, test_time: 10}
criteria:
  - id: works
    title: Counts from the smallest to the largest
    points: 60
    tests: tests/test_visible.py
  - id: any-numbers
    title: Does so for numbers you have not seen
    points: 40
    visibility: hidden
    hint: Which kinds of numbers does the brief name?
    tests: tests/test_hidden.py
"""
_BRIEF = """\
Write a function `spread(numbers)` in `solution.py`. It returns how far the largest of the numbers is from the smallest.

- `numbers` is a list of at least one integer. They may be negative.
- The list is not changed.
"""
_VISIBLE = """\
from solution import spread

from grader.exam.sdk import assert_close


def test_the_example_of_the_brief():
    assert_close(spread([3, 9, 4]), 6)


def test_the_list_is_left_alone():
    numbers = [5, 1, 8]
    assert_close(spread(numbers), 7)
    assert numbers == [5, 1, 8]
"""
_HIDDEN = """\
from solution import spread

from grader.exam.sdk import assert_close


def test_numbers_of_both_signs(rng):
    numbers = [int(number) for number in rng.integers(-1000, -10, 20)] + [7]
    assert_close(spread(numbers), 7 - min(numbers))
"""
_STARTER = """\
def spread(numbers):
    raise NotImplementedError
"""
_REFERENCE = """\
def spread(numbers):
    return max(numbers) - min(numbers)
"""
_BAD = """\
def spread(numbers):
    largest, smallest = 0, 10**9
    for number in numbers:
        largest = max(largest, number)
        smallest = min(smallest, abs(number))
    return largest - smallest
"""
_EXPECTED = """\
reference: {points: 100}
empty: {points: 0}
forgets-negatives: {points: 60}
"""
