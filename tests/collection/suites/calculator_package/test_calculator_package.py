import pytest

import calc
from calc import evaluate
from calc.lexer import Token, tokenize
from calc.parser import CalcSyntaxError, parse


def test_tokens():
    assert [(t.kind, t.text) for t in tokenize("1 + 22*x")] == [
        ("NUM", "1"),
        ("OP", "+"),
        ("NUM", "22"),
        ("OP", "*"),
        ("NAME", "x"),
    ]


def test_token_positions():
    tokens = list(tokenize("a  b"))
    assert [t.pos for t in tokens] == [0, 3]
    assert tokens[0] == Token("NAME", "a", 0)


def test_tokenizer_is_lazy():
    stream = tokenize("1 ?")
    assert next(stream).text == "1"
    with pytest.raises(CalcSyntaxError):
        next(stream)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("2-3-4", -5),
        ("8/4/2", 1.0),
        ("-3", -3),
        ("--3", 3),
        ("2*-3", -6),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("1.5*4", 6.0),
        ("  7 ", 7),
        ("((((1))))", 1),
    ],
)
def test_evaluate(text, value):
    assert evaluate(text) == value


def test_variables():
    assert evaluate("a*b + a", {"a": 3, "b": 4}) == 15


def test_unknown_variable():
    with pytest.raises(NameError, match="'y'"):
        evaluate("x + y", {"x": 1})


@pytest.mark.parametrize(("text", "pos"), [("1 +", 3), ("(1", 2), ("1 2", 2), ("", 0), ("*1", 0), ("3 $ 4", 2)])
def test_syntax_errors(text, pos):
    with pytest.raises(CalcSyntaxError) as e:
        evaluate(text)
    assert e.value.pos == pos
    assert isinstance(e.value, SyntaxError)


def test_division_by_zero():
    with pytest.raises(ZeroDivisionError):
        evaluate("1/(2-2)")


def test_parse_gives_nested_tuples():
    assert parse("1+2*x") == ("+", 1, ("*", 2, "x"))


def test_functions_are_callbacks():
    assert evaluate("double(4) + 1", {"double": lambda x: x * 2}) == 9


def test_version_and_doc():
    assert calc.__version__ == "0.3"
    assert "expressions" in calc.__doc__
    assert calc.lexer.tokenize is tokenize
