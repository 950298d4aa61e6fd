"""Small to write, huge when somebody computes with them."""

from decimal import Decimal
from fractions import Fraction


def predict(xs):
    return [Decimal("1E+999999999"), Fraction(1, 10**10_000), range(10**15), slice(None, 10**18)][: len(xs) + 1]
