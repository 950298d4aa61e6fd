import inspect

import pytest

from solution import averager, countdown, echo, grep, managed, numbers, tree_walk


def test_averager():
    avg = averager()
    assert next(avg) is None
    assert avg.send(10) == 10
    assert avg.send(30) == 20
    assert avg.send(5) == 15


def test_send_before_start():
    with pytest.raises(TypeError, match="just-started"):
        averager().send(1)


def test_echo_until_none():
    e = echo()
    next(e)
    assert e.send("a") == "a"
    assert e.send({"k": [1, 2]}) == {"k": [1, 2]}
    with pytest.raises(StopIteration) as stop:
        e.send(None)
    assert stop.value.value == 2


def test_close_runs_finally():
    log = []
    m = managed(log)
    assert next(m) == "ready"
    m.close()
    assert log == ["opened", "closed"]


def test_close_then_next():
    n = numbers()
    next(n)
    n.close()
    with pytest.raises(StopIteration):
        next(n)


def test_throw():
    m = managed([])
    next(m)
    assert m.throw(ValueError("again")) == "recovered"


def test_throw_unhandled():
    n = numbers()
    next(n)
    with pytest.raises(KeyError):
        n.throw(KeyError("x"))


def test_grep_collects():
    hits = []
    g = grep("py", hits)
    next(g)
    for line in ("python", "java", "happy"):
        g.send(line)
    g.close()
    assert hits == ["python", "happy"]


def test_yield_from():
    tree = (((None, 1, None), 2, None), 3, (None, 4, None))
    assert list(tree_walk(tree)) == [1, 2, 3, 4]


def test_is_generator_function():
    assert inspect.isgenerator(countdown(3))
    assert inspect.isgeneratorfunction(countdown)


def test_body_runs_only_when_asked():
    log = []
    m = managed(log)
    assert log == []
    next(m)
    assert log == ["opened"]


def test_countdown():
    assert list(countdown(3)) == [3, 2, 1, "liftoff"]
