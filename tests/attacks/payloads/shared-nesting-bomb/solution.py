"""Forty lists of two references each: small in memory, 2**40 leaves when written out."""


def predict(xs):
    x = [1.0]
    for _ in range(40):
        x = [x, x]
    return x
