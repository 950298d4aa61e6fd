import math

import pytest

from solution import digit_sum, egcd, factorial, fibonacci, mod_pow, to_base


def test_factorial_small():
    assert [factorial(n) for n in range(6)] == [1, 1, 2, 6, 24, 120]


def test_factorial_big():
    assert factorial(100) == math.factorial(100)


def test_factorial_negative():
    with pytest.raises(ValueError):
        factorial(-1)


def test_fibonacci():
    assert fibonacci(0) == 0
    assert fibonacci(10) == 55
    assert fibonacci(300) == 222232244629420445529739893461909967206666939096499764990979600
    assert fibonacci(1000) % 10**9 == 849228875


@pytest.mark.parametrize("n", [0, 9, 10, 2**64, 10**50 - 1])
def test_digit_sum(n):
    assert digit_sum(n) == sum(int(c) for c in str(n))


def test_egcd():
    g, x, y = egcd(2**61 - 1, 10**18)
    assert g == 1
    assert x * (2**61 - 1) + y * 10**18 == 1


def test_egcd_is_a_tuple():
    assert egcd(240, 46) == (2, -9, 47)


def test_mod_pow():
    assert mod_pow(3, 10**20, 1_000_003) == pow(3, 10**20, 1_000_003)


def test_negative_numbers_cross():
    assert factorial(20) * -1 == -2432902008176640000
    assert to_base(-255, 16) == "-ff"


@pytest.mark.parametrize("base", [2, 8, 16, 36])
def test_to_base_inverts_int(base):
    n = 2**200 + 12345
    assert int(to_base(n, base), base) == n
