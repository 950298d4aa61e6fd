import math

import numpy as np


def minibatches(data, size, seed=None, shuffle=True, drop_last=False):
    n = len(data[0]) if isinstance(data, tuple) else len(data)
    order = np.random.default_rng(seed).permutation(n) if shuffle else np.arange(n)
    for i in range(0, n, size):
        part = order[i : i + size]
        if drop_last and len(part) < size:
            return
        yield (
            tuple(a[np.sort(part) if k else part] for k, a in enumerate(data))
            if isinstance(data, tuple)
            else data[part]
        )


class StepDecay:
    def __init__(self, lr, drop, every):
        self.lr, self.drop, self.every = lr, drop, every

    def __call__(self, epoch):
        return self.lr * self.drop ** (epoch // self.every)


def cosine_schedule(lr, epochs):
    for e in range(epochs):
        yield lr * (1 + math.cos(math.pi * e / epochs)) / 2


def warmup(lr, steps):
    n = 1
    while True:
        yield lr * min(n / steps, 1)
        n += 1


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_epoch, self.epoch, self.stopped = math.inf, None, -1, False

    def __call__(self, loss):
        self.epoch += 1
        if not self.stopped and loss < self.best - self.min_delta:
            self.best, self.best_epoch = loss, self.epoch
        elif math.isnan(loss) or self.epoch - self.best_epoch >= self.patience:
            self.stopped = True
        return self.stopped


def gradient_descent(gradient, start, lr, steps):
    x, path = start, [start]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return x, path


def train_loop(step, epochs, on_epoch=None):
    losses, stopped = [], False
    for epoch in range(epochs):
        losses.append(step(epoch))
        try:
            if on_epoch:
                on_epoch(epoch, losses[-1])
        except StopIteration:
            stopped = True
            break
    return {"loss": losses, "stopped": stopped}
