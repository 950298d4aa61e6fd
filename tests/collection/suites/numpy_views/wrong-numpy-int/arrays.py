import numpy as np


def total(x):
    return x.sum()


def count_positive(x):
    return (x > 0).sum()


def describe(x):
    return {"mean": x.mean(axis=0), "std": x.std(axis=0), "shape": x.shape, "mask": x > 2}


def split(x, at):
    return x[x < at], x[x >= at]


def fill_diagonal_like(x):
    x[:] = np.arange(len(x))
    return x


def zero_row(x, i):
    x[i] = 0


def row_sums(x):
    return x.sum(axis=1)


def centred(x):
    return x - x.mean() if x.size else x.copy()


def phases(z):
    return np.angle(z)


def both(a, b):
    return a & b


def gap(days):
    return days.max() - days.min()


def upper(names):
    return np.char.upper(names)


def fill_nan(x, value):
    return np.where(np.isnan(x), value, x)


def halve(x):
    x /= 2
