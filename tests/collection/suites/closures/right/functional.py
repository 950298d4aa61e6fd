from functools import reduce
from inspect import signature


def make_counter(start=0):
    n = start

    def count():
        nonlocal n
        n += 1
        return n

    return count


def make_multipliers(n):
    return [lambda x, i=i: x * i for i in range(n)]


def compose(*fs):
    return reduce(lambda f, g: lambda x: f(g(x)), fs)


def curry(f):
    def step(args, missing):
        if missing == 0:
            return f(*args)
        return lambda x: step([*args, x], missing - 1)

    return step([], len(signature(f).parameters))


def apply_n(f, n, x):
    for _ in range(n):
        x = f(x)
    return x


def memoize(f):
    cache = {}

    def wrapper(x):
        if x not in cache:
            cache[x] = f(x)
        return cache[x]

    return wrapper


def pipe(x, *fs):
    for f in fs:
        x = f(x)
    return x


def partial_right(f, *last):
    return lambda *first: f(*first, *last)


def make_account(balance):
    def deposit(amount):
        nonlocal balance
        balance += amount

    return deposit, lambda: balance
