import math

import pytest

from solution import mean, quadratic, safe_divide, softmax, sqrt_newton, stdev


def test_mean():
    assert mean([1, 2, 3, 4]) == 2.5
    assert mean([]) is None


def test_stdev():
    assert stdev([2, 4, 4, 4, 5, 5, 7, 9]) == pytest.approx(2.0)


def test_division():
    assert safe_divide(1, 4) == 0.25
    assert math.isinf(safe_divide(1, 0))
    assert safe_divide(-1, 0) == -math.inf
    assert math.isnan(safe_divide(0, 0))


@pytest.mark.parametrize("x", [0.25, 1, 2, 144, 1e10])
def test_sqrt(x):
    assert sqrt_newton(x) == pytest.approx(math.sqrt(x), rel=1e-9)


def test_sqrt_negative():
    with pytest.raises(ValueError, match="domain"):
        sqrt_newton(-1)


def test_softmax():
    out = softmax([1.0, 2.0, 3.0])
    assert out == pytest.approx([0.09003, 0.24473, 0.66524], abs=1e-5)
    assert sum(out) == pytest.approx(1)


def test_softmax_is_stable():
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]


def test_quadratic():
    assert quadratic(1, -3, 2) == {1.0, 2.0}
    assert quadratic(1, 2, 1) == {-1.0}
    assert quadratic(1, 0, 1) == set()


def test_quadratic_a_zero():
    with pytest.raises(ZeroDivisionError):
        quadratic(0, 1, 1)


def test_approx_dict():
    assert {"mean": mean([0.1] * 3), "n": 3} == pytest.approx({"mean": 0.1, "n": 3})
