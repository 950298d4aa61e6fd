import functools

import pytest

from decorators import cache, count_calls, debug, deprecated, repeat, require_positive, retry, singleton


def test_count_calls():
    @count_calls
    def hello(name):
        return f"hi {name}"

    assert hello("a") == "hi a"
    hello("b")
    assert hello.calls == 2


def test_count_starts_at_zero():
    assert count_calls(lambda: None).calls == 0


def test_wraps_keeps_name_and_doc():
    @count_calls
    def documented():
        """Says nothing."""

    assert documented.__name__ == "documented"
    assert documented.__doc__ == "Says nothing."


def test_repeat_with_argument():
    seen = []

    @repeat(3)
    def note(x):
        seen.append(x)
        return x

    assert note("z") == ["z", "z", "z"]
    assert seen == ["z", "z", "z"]


def test_retry_until_it_works():
    attempts = []

    @retry(times=3)
    def flaky():
        attempts.append(1)
        if len(attempts) < 3:
            raise ConnectionError("again")
        return "done"

    assert flaky() == "done"
    assert len(attempts) == 3


def test_retry_stops_after_the_given_number():
    attempts = []

    @retry(times=4)
    def hopeless():
        attempts.append(1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        hopeless()
    assert len(attempts) == 4


def test_retry_gives_up_with_the_last_error():
    @retry(times=2)
    def broken():
        raise ConnectionError("down")

    with pytest.raises(ConnectionError, match="down"):
        broken()


def test_retry_only_listed_errors():
    attempts = []

    @retry(times=5, on=(OSError,))
    def wrong():
        attempts.append(1)
        raise ValueError("not retried")

    with pytest.raises(ValueError):
        wrong()
    assert attempts == [1]


def test_cache():
    calls = []

    @cache
    def add(a, b=0):
        calls.append((a, b))
        return a + b

    assert add(1, b=2) == 3
    assert add(1, b=2) == 3
    assert add(2) == 2
    assert calls == [(1, 2), (2, 0)]


def test_cache_clear():
    calls = []

    @cache
    def f(x):
        calls.append(x)

    f(1)
    f.cache_clear()
    f(1)
    assert calls == [1, 1]


def test_require_positive():
    @require_positive
    def root(x):
        return x**0.5

    assert root(9) == 3
    with pytest.raises(ValueError, match="x must be positive"):
        root(-9)


def test_debug_prints(capsys):
    @debug
    def mul(a, b):
        return a * b

    assert mul(3, b=4) == 12
    assert capsys.readouterr().out == "mul(3, b=4) -> 12\n"


def test_deprecated_warns():
    @deprecated
    def old():
        return 1

    with pytest.warns(DeprecationWarning, match="old is deprecated"):
        assert old() == 1


def test_singleton():
    @singleton
    def make_settings():
        return {"debug": False}

    assert make_settings() is make_settings()


def test_error_inside_decorated_function_keeps_its_type():
    class Custom(Exception):
        pass

    @count_calls
    def fail():
        raise Custom("mine")

    with pytest.raises(Custom, match="mine"):
        fail()


def test_works_on_partial():
    assert repeat(2)(functools.partial(max, 1))(5) == [5, 5]
