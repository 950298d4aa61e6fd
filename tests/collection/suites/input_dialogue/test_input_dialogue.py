import builtins
import io
from unittest import mock

import pytest

from dialogue import ask_age, ask_until, guess_game, menu, read_numbers, sum_stdin


def test_ask_age(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt="": "42")
    assert ask_age() == 42


def test_prompt_text(monkeypatch):
    prompts = []

    def fake_input(prompt=""):
        prompts.append(prompt)
        return "7"

    monkeypatch.setattr(builtins, "input", fake_input)
    ask_age()
    assert prompts == ["How old are you? "]


def test_asks_again(monkeypatch):
    answers = iter(["old", "-3", "30"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert ask_age() == 30


@mock.patch("builtins.input", side_effect=["1", "2", "x", "q"])
def test_read_numbers(fake):
    assert read_numbers() == [1, 2]
    assert fake.call_count == 4


def test_ask_until_with_mock():
    with mock.patch("builtins.input", side_effect=["no", "maybe", "yes"]) as fake:
        assert ask_until("Sure?", {"yes"}) == 3
    fake.assert_called_with("Sure? ")


def test_ran_out_of_answers():
    with mock.patch("builtins.input", side_effect=["no"]):
        with pytest.raises(StopIteration):
            ask_until("Sure?", {"yes"})


def test_end_of_file():
    with mock.patch("builtins.input", side_effect=EOFError):
        assert read_numbers() == []


def test_keyboard_interrupt_is_handled(capsys):
    with mock.patch("builtins.input", side_effect=KeyboardInterrupt):
        assert menu({"a": "apple"}) is None
    assert "bye" in capsys.readouterr().out


def test_menu(capsys, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *args: "b")
    assert menu({"a": "apple", "b": "banana"}) == "banana"
    assert capsys.readouterr().out == "a) apple\nb) banana\n"


def test_guess_game(capsys, monkeypatch):
    guesses = iter(["50", "25", "30"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(guesses))
    assert guess_game(30) == 3
    assert capsys.readouterr().out.split() == ["lower", "higher", "correct"]


def test_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("1 2 3\n4\n\n5 6\n"))
    assert sum_stdin() == 21


def test_empty_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert sum_stdin() == 0


def test_input_reads_stdin(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("oops\n19\n"))
    assert ask_age() == 19
