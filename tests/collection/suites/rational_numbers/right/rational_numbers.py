from math import gcd


class Rational:
    def __init__(self, n, d=1):
        g = gcd(n, d) * (1 if d > 0 else -1)
        self.n, self.d = n // g, d // g

    @staticmethod
    def _of(x):
        return x if isinstance(x, Rational) else Rational(x)

    def __eq__(self, o):
        o = self._of(o)
        return (self.n, self.d) == (o.n, o.d)

    def __add__(self, o):
        o = self._of(o)
        return Rational(self.n * o.d + o.n * self.d, self.d * o.d)

    __radd__ = __add__

    def __neg__(self):
        return Rational(-self.n, self.d)

    def __sub__(self, o):
        return self + -self._of(o)

    def __rsub__(self, o):
        return -self + o

    def __mul__(self, o):
        return Rational(self.n * o.n, self.d * o.d)

    def __truediv__(self, o):
        return Rational(self.n * o.d, self.d * o.n)

    def __abs__(self):
        return Rational(abs(self.n), self.d)

    def __pow__(self, k):
        return Rational(self.n**k, self.d**k) if k >= 0 else Rational(self.d**-k, self.n**-k)

    def __rpow__(self, base):
        return base ** (self.n / self.d)

    def __repr__(self):
        return f"{self.n}/{self.d}"
