import pytest

from solution import Accumulator, Counter, Pipeline, Polynomial, compose


def test_instances_are_callable():
    assert callable(Polynomial(1))
    assert callable(Polynomial)
    assert not callable(Polynomial(1).coefficients)


def test_polynomial():
    p = Polynomial(1, 0, 2)
    assert p(0) == 2
    assert p(3) == 11
    assert p.coefficients == (1, 0, 2)


@pytest.mark.parametrize("x", [-2, 0.5, 10])
def test_polynomial_derivative(x):
    assert Polynomial(1, 2, 3).derivative()(x) == pytest.approx(2 * x + 2)


def test_polynomial_over_a_list():
    assert list(map(Polynomial(2, 1), [0, 1, 2])) == [1, 3, 5]


def test_polynomial_as_a_key():
    assert sorted([3, -1, 2], key=Polynomial(-1, 0)) == [3, 2, -1]


def test_counter_counts_calls():
    c = Counter(abs)
    assert [c(-1), c(2)] == [1, 2]
    assert c.calls == 2


def test_counter_with_a_lambda():
    c = Counter(lambda a, b=1: a + b)
    assert c(1, b=5) == 6
    assert c(1) == 2
    assert c.calls == 2


def test_accumulator_keeps_state():
    acc = Accumulator()
    assert acc(10) == 10
    assert acc(5) == 15
    assert Accumulator()(1) == 1


def test_pipeline():
    p = Pipeline(str.strip, str.title)
    p.then(lambda s: s + "!")
    assert p("  ann lee ") == "Ann Lee!"
    assert len(p) == 3


def test_empty_pipeline_is_identity():
    marker = ["x"]
    assert Pipeline()(marker) is marker


def test_compose():
    inc, double = lambda x: x + 1, lambda x: x * 2
    assert compose(inc, double)(5) == 11
    assert compose(double, inc)(5) == 12
    assert compose()(7) == 7


def test_wrong_number_of_arguments():
    with pytest.raises(TypeError):
        Polynomial(1)()
