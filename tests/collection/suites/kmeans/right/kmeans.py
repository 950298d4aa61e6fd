import numpy as np


def assign(x, centres):
    return ((x[:, None] - centres[None]) ** 2).sum(-1).argmin(axis=1)


def update(x, labels, k):
    return np.array([x[labels == j].mean(axis=0) for j in range(k)])


class KMeans:
    def __init__(self, k, seed=0, rounds=50):
        self.k = k
        self.seed = seed
        self.rounds = rounds

    def _start(self, x):
        rng = np.random.default_rng(self.seed)
        centres = [x[rng.integers(len(x))]]
        while len(centres) < self.k:
            d = ((x[:, None] - np.array(centres)[None]) ** 2).sum(-1).min(axis=1)
            centres.append(x[d.argmax()])
        return np.array(centres)

    def fit(self, x):
        if len(x) < self.k:
            raise ValueError(f"{self.k} clusters need at least {self.k} points")
        self.centres_ = self._start(x)
        for _ in range(self.rounds):
            self.labels_ = assign(x, self.centres_)
            self.centres_ = update(x, self.labels_, self.k)
        self.inertia_ = float(((x - self.centres_[self.labels_]) ** 2).sum())
        return self

    def predict(self, x):
        return assign(x, self.centres_)
