import numpy as np


def normalize(x):
    if x.ndim != 2:
        raise ValueError("expected a 2-D array")
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread == 0, 1, spread)


def moving_average(x, n):
    x = np.asarray(x, dtype=float)
    if len(x) < n:
        return np.empty(0)
    return np.convolve(x, np.ones(n) / n, mode="valid")


def clip_outliers(x, low, high):
    np.clip(x, low, high, out=x)


def pairwise_distances(x):
    return np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))


def outer_table(n):
    r = np.arange(1, n + 1)
    return np.outer(r, r)


def add_noise(x, seed):
    return x + np.random.default_rng().normal(0, 0.1, x.shape)
