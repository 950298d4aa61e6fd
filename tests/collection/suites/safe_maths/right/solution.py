import math


def mean(xs):
    return sum(xs) / len(xs) if xs else None


def stdev(xs):
    m = mean(xs)
    return (sum((x - m) ** 2 for x in xs) / len(xs)) ** 0.5


def safe_divide(a, b):
    if b:
        return a / b
    return math.nan if a == 0 else math.copysign(math.inf, a)


def sqrt_newton(x):
    if x < 0:
        raise ValueError("math domain error")
    guess = x
    for _ in range(100):
        guess = (guess + x / guess) / 2
    return guess


def softmax(xs):
    top = max(xs)
    exps = [math.exp(x - top) for x in xs]
    return [e / sum(exps) for e in exps]


def quadratic(a, b, c):
    d = b * b - 4 * a * c
    if d < 0:
        return set()
    return {(-b + s * math.sqrt(d)) / (2 * a) for s in (1, -1)}
