import io
import sys
import unittest
from contextlib import redirect_stdout
from unittest.mock import patch

import pytest

import printing


def test_fizzbuzz(capsys):
    printing.fizzbuzz(15)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 15
    assert lines[2] == "Fizz"
    assert lines[4] == "Buzz"
    assert lines[14] == "FizzBuzz"
    assert lines[0] == "1"


def test_prints_and_returns_none(capsys):
    assert printing.fizzbuzz(1) is None
    assert capsys.readouterr().out == "1\n"


@pytest.mark.parametrize("n, expected", [(1, "*\n"), (3, "  *\n ***\n*****\n"), (0, "")])
def test_pyramid(n, expected, capsys):
    printing.pyramid(n)
    assert capsys.readouterr().out == expected


def test_two_calls_are_captured_apart(capsys):
    printing.pyramid(1)
    first = capsys.readouterr()
    printing.pyramid(2)
    second = capsys.readouterr()
    assert (first.out, second.out) == ("*\n", " *\n***\n")


def test_separators_and_end(capsys):
    printing.csv_line([1, "b", None])
    assert capsys.readouterr().out == "1;b;None."


def test_nothing_is_printed(capsys):
    assert printing.table_text({"a": 1}) == "a: 1"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_stderr(capsys):
    printing.warn("careful")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "WARNING: careful\n"


def test_order_of_test_and_student_prints(capsys):
    print("before")
    printing.csv_line(["x"])
    print("after")
    assert capsys.readouterr().out == "before\nx.after\n"


def test_unicode(capsys):
    printing.greet("Zoë")
    assert capsys.readouterr().out == "Ahoj, Zoë! 👋\n"


def test_redirect_stdout():
    buffer = io.StringIO()
    with redirect_stdout(buffer):
        printing.greet("Bob")
    assert buffer.getvalue() == "Ahoj, Bob! 👋\n"


def test_print_to_a_given_default_stream(monkeypatch):
    fake = io.StringIO()
    monkeypatch.setattr(sys, "stdout", fake)
    printing.pyramid(1)
    assert fake.getvalue() == "*\n"


def test_print_from_a_callback(capsys):
    printing.each([1, 2], lambda x: print("item", x))
    assert capsys.readouterr().out == "start\nitem 1\nitem 2\nend\n"


class TestWithStringIO(unittest.TestCase):
    def setUp(self):
        self.held, sys.stdout = sys.stdout, io.StringIO()

    def tearDown(self):
        sys.stdout = self.held

    def test_greet(self):
        printing.greet("Ann")
        self.assertEqual(sys.stdout.getvalue().strip(), "Ahoj, Ann! 👋")

    @patch("sys.stdout", new_callable=io.StringIO)
    def test_patched(self, out):
        printing.csv_line("ab")
        self.assertEqual(out.getvalue(), "a;b.")

    @patch("builtins.print")
    def test_print_is_patched(self, fake_print):
        printing.greet("Eve")
        fake_print.assert_called_once_with("Ahoj, Eve! 👋")
