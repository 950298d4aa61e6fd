"""What is read out of the messages that pytest really writes when student code fails real tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from exams import hold, results, small_suite

from grader.rubric.failures import Failure, Side, read_failure

TESTS = """
    import numpy as np, pandas as pd, pytest
    from grader.exam.sdk import assert_close, assert_shows
    from solution import add, table, words, explode, echo

    def same(got, wanted): assert got == wanted

    def test_equal(): assert add(1, 2) == 4
    def test_expected_first(): assert 4 == add(1, 2)
    def test_two_calls(): assert add(1, 2) == add(1, 3)
    def test_variable():
        got = add(1, 2)
        assert got == 4
    def test_less(): assert add(1, 2) < 1
    def test_in(): assert "x" in words()
    def test_string(): assert echo("a == b") == "a != b"
    def test_quotes(): assert echo('it\\'s "so"') == "no"
    def test_helper(): same(add(2, 2), 5)
    def test_list(): assert words() == ["a", "c"]
    def test_close(): assert_close(add(1.0, 2.0), 4.0)
    def test_close_item(): assert_close([add(1.0, 2.0)], [5.0], atol=0.5)
    def test_close_array(): assert_close(np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]]))
    def test_close_kind(): assert_close(echo("3"), 3)
    def test_close_shape(): assert_close(np.zeros((2, 1)), np.zeros(2))
    def test_close_length(): assert_close(words(), ["a"])
    def test_shows(): assert_shows(add(1, 2), "4")
    def test_ambiguous(): assert_close(echo("a, expected b"), "c")
    def test_numpy(): np.testing.assert_allclose(np.array([add(1.0, 1.0)]), np.array([3.0]))
    def test_pandas(): pd.testing.assert_frame_equal(table(), pd.DataFrame({"a": [1, 3]}))
    def test_close_table(): assert_close(table(), pd.DataFrame({"a": [1, 3]}))
    def test_raises():
        with pytest.raises(ValueError):
            add(1, 2)
    def test_error(): assert explode(3) == 1
    def test_own_words():
        size = len(words())
        assert size == 3, f"expected 3 words, got {size}"
    def test_plain_words(): assert not words(), "there should be none"
    def test_bool(): assert all(word == "a" for word in words())
    def test_fail(): pytest.fail("no luck")
    def test_two_lines(): assert echo("a\\nb") == "a\\nc"
"""
SOLUTION = """
    import pandas
    def add(a, b): return a + b
    def table(): return pandas.DataFrame({"a": [1, 2]})
    def words(): return ["a", "b"]
    def echo(x): return x
    def explode(x):
        return [][x]
"""


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Failure | None]:
    folder: Path = tmp_path_factory.mktemp("failures")
    found = results(hold(small_suite(folder, TESTS), SOLUTION))
    assert {test.status for test in found.values()} == {"failed"}
    return {name: read_failure(test.message) for name, test in found.items()}


def sides(failure: Failure | None) -> list[tuple[str, str]]:
    assert failure is not None
    return [(side.label, side.value) for side in failure.sides]


@pytest.mark.parametrize(
    ("test", "got", "expected"),
    [
        ("test_equal", "3", "4"),
        ("test_expected_first", "3", "4"),
        ("test_variable", "3", "4"),
        ("test_two_lines", r"'a\nb'", r"'a\nc'"),
        ("test_quotes", """'it\\'s "so"'""", "'no'"),
        ("test_string", "'a == b'", "'a != b'"),
        ("test_list", "['a', 'b']", "['a', 'c']"),
        ("test_close", "3.0", "4.0"),
        ("test_close_item", "3.0", "5.0"),
        ("test_close_array", "2.0", "3.0"),
        ("test_close_kind", "'3' (str)", "the number 3"),
        ("test_close_shape", "(2, 1)", "(2,)"),
        ("test_close_length", "2", "1"),
        ("test_shows", "3", "4"),
        ("test_numpy", "array([2.])", "array([3.])"),
        ("test_close_table", "[1, 2]", "[1, 3]"),
        ("test_raises", "no error", "ValueError"),
        ("test_own_words", "2", "3 words"),
    ],
)
def test_got_and_expected_are_told_apart(
    failures: dict[str, Failure | None], test: str, got: str, expected: str
) -> None:
    assert sides(failures[test]) == [("got", got), ("expected", expected)]


@pytest.mark.parametrize(
    ("test", "left", "word", "right"),
    [
        ("test_two_calls", "3", "should equal", "4"),
        ("test_less", "3", "should be less than", "1"),
        ("test_in", "'x'", "should be in", "['a', 'b']"),
        ("test_helper", "4", "should equal", "5"),
    ],
)
def test_without_knowing_whose_value_is_whose_it_says_what_should_hold(
    failures: dict[str, Failure | None], test: str, left: str, word: str, right: str
) -> None:
    assert sides(failures[test]) == [("this", left), (word, right)]


def test_the_input_is_told(failures: dict[str, Failure | None]) -> None:
    asked = {name: failure.asked for name, failure in failures.items() if failure is not None}

    assert asked["test_equal"] == "add(1, 2)"
    assert asked["test_less"] == "add(1, 2)"
    assert asked["test_close"] == "def test_close(): assert_close(add(1.0, 2.0), 4.0)"
    assert asked["test_helper"] == "def test_helper(): same(add(2, 2), 5)"
    assert asked["test_variable"] == "assert got == 4"


def test_an_exception_is_told_with_its_place_in_the_submission(failures: dict[str, Failure | None]) -> None:
    failure = failures["test_error"]

    assert failure is not None
    assert failure.summary == "IndexError: list index out of range"
    assert failure.sides == ()
    assert failure.place[0].startswith("solution.py:")
    assert failure.place[0].endswith("in explode")


def test_pandas_does_not_know_which_table_is_the_students(failures: dict[str, Failure | None]) -> None:
    assert sides(failures["test_pandas"]) == [("left", "[1, 2]"), ("right", "[1, 3]")]


@pytest.mark.parametrize("test", ["test_ambiguous", "test_plain_words", "test_bool", "test_fail"])
def test_what_cannot_be_told_for_sure_is_not_told(failures: dict[str, Failure | None], test: str) -> None:
    assert sides(failures[test]) == []


def test_a_shape_and_a_length_are_called_so(failures: dict[str, Failure | None]) -> None:
    summaries = {name: failure.summary for name, failure in failures.items() if failure is not None}

    assert summaries["test_close_shape"] == "The shape of the result is not what it should be."
    assert summaries["test_close_length"] == "The number of values in the result is not what it should be."
    assert summaries["test_close_item"] == "result[0] is not what it should be."


def test_notes_say_how_close_is_close_enough(failures: dict[str, Failure | None]) -> None:
    assert failures["test_close_item"] is not None
    assert failures["test_close_item"].note == "may differ by 0.5"
    assert failures["test_close_array"] is not None
    assert failures["test_close_array"].note == "1 of 2 differ"


@pytest.mark.parametrize(
    "message",
    ["", "skipped: only a test that runs and passes earns points", "ImportError: cannot import name 'f'", "E", "E   "],
)
def test_messages_in_no_known_form_are_left_alone(message: str) -> None:
    assert not read_failure(message)


@pytest.mark.parametrize("end", ["", ")", "'", '"', " == ", "\\", "[left]:", "\x00", ", expected "])
@pytest.mark.parametrize(
    "start", ["assert ", "AssertionError: result is ", "AssertionError: ", "Failed: DID NOT RAISE "]
)
def test_any_text_can_be_read(start: str, end: str) -> None:
    found = read_failure(f"tests/test_a.py:1: in test_a\n    x\nE   {start}a{end}")

    assert found is None or all(isinstance(side, Side) for side in found.sides)
