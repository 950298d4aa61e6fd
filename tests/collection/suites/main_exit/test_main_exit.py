import runpy
import sys

import pytest

import app


def test_success(capsys):
    assert app.main(["3", "4"]) == 0
    assert capsys.readouterr().out == "7\n"


def test_exit_code_of_bad_number(capsys):
    with pytest.raises(SystemExit) as e:
        app.main(["x", "1"])
    assert e.value.code == 2
    assert "invalid int value: 'x'" in capsys.readouterr().err


def test_missing_arguments():
    with pytest.raises(SystemExit):
        app.main([])


def test_help(capsys):
    with pytest.raises(SystemExit) as e:
        app.main(["--help"])
    assert e.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_option(capsys):
    app.main(["3", "4", "--op", "mul"])
    assert capsys.readouterr().out.strip() == "12"


def test_division_by_zero_is_reported(capsys):
    with pytest.raises(SystemExit, match="cannot divide by zero"):
        app.main(["1", "0", "--op", "div"])


def test_quit_without_code():
    with pytest.raises(SystemExit) as e:
        app.quit_game()
    assert e.value.code is None


def test_verbose_writes_to_stderr(capsys):
    app.main(["1", "2", "-v"])
    captured = capsys.readouterr()
    assert captured.out == "3\n"
    assert captured.err == "adding 1 and 2\n"


def test_argv_of_the_test_is_untouched():
    before = list(sys.argv)
    app.main(["1", "2"])
    assert sys.argv == before


def test_importing_does_not_run_main(capsys):
    assert app.__name__ == "app"
    assert capsys.readouterr().out == ""
