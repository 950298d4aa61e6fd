import pytest

from functional import (
    apply_n,
    compose,
    curry,
    make_account,
    make_counter,
    make_multipliers,
    memoize,
    partial_right,
    pipe,
)


def test_counter_closure():
    c = make_counter()
    assert [c(), c(), c()] == [1, 2, 3]


def test_counters_are_independent():
    a, b = make_counter(), make_counter(10)
    a()
    a()
    assert b() == 11
    assert a() == 3


def test_late_binding_trap():
    assert [m(10) for m in make_multipliers(4)] == [0, 10, 20, 30]


def test_multipliers_is_a_list_of_functions():
    ms = make_multipliers(3)
    assert isinstance(ms, list)
    assert all(callable(m) for m in ms)


def test_compose_with_test_functions():
    def plus_one(x):
        return x + 1

    assert compose(plus_one, lambda x: x * 2)(3) == 7


def test_compose_student_with_student():
    inc = make_multipliers(3)[2]
    assert compose(inc, inc)(3) == 12


def test_curry():
    def volume(a, b, c):
        return a * b * c

    assert curry(volume)(2)(3)(4) == 24


def test_apply_n():
    assert apply_n(lambda s: s + "!", 3, "hi") == "hi!!!"
    assert apply_n(lambda x: x, 0, None) is None


def test_memoize_calls_once():
    calls = []

    def slow(x):
        calls.append(x)
        return x * 2

    fast = memoize(slow)
    assert fast(4) == 8
    assert fast(4) == 8
    assert calls == [4]


def test_memoized_recursion():
    @memoize
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    assert fib(30) == 832040


def test_memoize_does_not_store_errors():
    attempts = []

    @memoize
    def flaky(x):
        attempts.append(x)
        if len(attempts) == 1:
            raise OSError("first time")
        return "ok"

    with pytest.raises(OSError, match="first time"):
        flaky(1)
    assert flaky(1) == "ok"


def test_pipe():
    assert pipe(" 42 ", str.strip, int, lambda x: x + 0.5) == 42.5


def test_partial_right():
    assert partial_right(pow, 2)(5) == 25
    assert partial_right(lambda *a: a, 3, 4)(1, 2) == (1, 2, 3, 4)


def test_account_returns_two_functions():
    deposit, balance = make_account(10)
    deposit(5)
    assert balance() == 15


def test_function_passed_back_and_forth():
    c = make_counter()
    assert apply_n(lambda total: total + c(), 3, 0) == 6


def test_identity_of_test_function():
    f = lambda x: x  # noqa: E731
    assert compose(f) is f
