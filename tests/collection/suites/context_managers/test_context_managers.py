import pytest

from solution import Connection, Transaction, Tracker, suppress, tag


def test_enter_and_exit():
    conn = Connection("db")
    assert conn.open is False
    with conn as c:
        assert c is conn
        assert conn.open is True
    assert conn.open is False


def test_closes_on_error():
    conn = Connection("db")
    with pytest.raises(RuntimeError, match="boom"):
        with conn:
            raise RuntimeError("boom")
    assert conn.open is False


def test_exit_sees_the_exception():
    tracker = Tracker()
    with pytest.raises(KeyError):
        with tracker:
            {}["missing"]
    assert tracker.seen == "KeyError"
    with tracker:
        pass
    assert tracker.seen is None


def test_suppress():
    with suppress(ZeroDivisionError):
        1 / 0
    with pytest.raises(TypeError):
        with suppress(ZeroDivisionError, KeyError):
            "a" + 1


def test_transaction_commits():
    data = {"a": 1}
    with Transaction(data) as t:
        t["b"] = 2
    assert data == {"a": 1, "b": 2}


def test_transaction_rolls_back():
    data = {"a": 1}
    with pytest.raises(ValueError):
        with Transaction(data) as t:
            t["b"] = 2
            t["a"] = 99
            raise ValueError
    assert data == {"a": 1}


def test_transaction_does_not_touch_data_before_commit():
    data = {}
    with Transaction(data) as t:
        t["x"] = 1
        assert data == {}
    assert data == {"x": 1}


def test_generator_based():
    out = []
    with tag("b", out):
        out.append("bold")
    assert out == ["<b>", "bold", "</b>"]


def test_generator_based_closes_on_error():
    out = []
    with pytest.raises(ValueError):
        with tag("i", out):
            raise ValueError
    assert out[-1] == "</i>"


def test_nested():
    a, b = Connection("a"), Connection("b")
    with a, b:
        assert a.open and b.open
    assert not (a.open or b.open)


def test_using_a_closed_connection():
    with pytest.raises(ConnectionError):
        Connection("db").query("select 1")
