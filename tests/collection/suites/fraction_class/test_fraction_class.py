import pytest

from ratio import Ratio


@pytest.mark.parametrize(
    "n, d, expected", [(1, 2, "1/2"), (2, 4, "1/2"), (-3, 6, "-1/2"), (3, -6, "-1/2"), (4, 1, "4"), (0, 5, "0")]
)
def test_reduced(n, d, expected):
    assert str(Ratio(n, d)) == expected


def test_zero_denominator():
    with pytest.raises(ZeroDivisionError, match="denominator"):
        Ratio(1, 0)


@pytest.mark.parametrize(
    "left, op, right, result",
    [
        ((1, 2), "+", (1, 3), (5, 6)),
        ((1, 2), "-", (1, 3), (1, 6)),
        ((2, 3), "*", (3, 4), (1, 2)),
        ((1, 2), "/", (1, 4), (2, 1)),
    ],
)
def test_arithmetic(left, op, right, result):
    a, b = Ratio(*left), Ratio(*right)
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[op]()
    assert value == Ratio(*result)


def test_ordering():
    assert Ratio(1, 3) < Ratio(1, 2)
    assert Ratio(-1, 2) < Ratio(0)
    assert Ratio(2, 3) >= Ratio(4, 6)
    assert max(Ratio(1, 3), Ratio(2, 5), Ratio(3, 8)) == Ratio(2, 5)


def test_sorting():
    ratios = [Ratio(3, 4), Ratio(1, 2), Ratio(5, 8)]
    assert [str(r) for r in sorted(ratios)] == ["1/2", "5/8", "3/4"]


def test_sort_in_place_keeps_objects():
    half, third = Ratio(1, 2), Ratio(1, 3)
    ratios = [half, third]
    ratios.sort()
    assert ratios[0] is third
    assert ratios[1] is half


def test_hash_agrees_with_equality():
    assert hash(Ratio(1, 2)) == hash(Ratio(2, 4))
    assert len({Ratio(1, 2), Ratio(2, 4), Ratio(3, 6)}) == 1


def test_conversion():
    assert float(Ratio(1, 4)) == 0.25
    assert int(Ratio(7, 2)) == 3
    assert round(float(Ratio(1, 3)), 3) == 0.333


def test_from_string():
    assert Ratio.parse("3/9") == Ratio(1, 3)
    assert Ratio.parse(" 5 ") == Ratio(5)
    with pytest.raises(ValueError):
        Ratio.parse("a/b")


def test_attributes_cannot_be_changed():
    r = Ratio(1, 2)
    with pytest.raises(AttributeError):
        r.numerator = 5
    assert (r.numerator, r.denominator) == (1, 2)


def test_assert_comparison_of_lists_of_ratios():
    assert [Ratio(1, 2), Ratio(1, 3)] == [Ratio(2, 4), Ratio(2, 6)]
    assert (Ratio(1), {"k": Ratio(2)}) == (Ratio(1), {"k": Ratio(2)})
