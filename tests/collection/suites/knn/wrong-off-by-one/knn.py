from collections import Counter

import numpy as np


def euclidean(a, b):
    return float(np.sqrt(((a - b) ** 2).sum()))


def manhattan(a, b):
    return np.abs(a - b).sum()


class KNN:
    def __init__(self, k, distance=euclidean):
        if k < 1:
            raise ValueError("k must be positive")
        self.k = k
        self.distance = distance

    def fit(self, X, y):
        if self.k > len(X):
            raise ValueError(f"k={self.k} but only {len(X)} points")
        self.X, self.y = np.array(X), np.array(y)
        return self

    def neighbours(self, x):
        return np.argsort([self.distance(x, row) for row in self.X], kind="stable")[1 : self.k + 1]

    def predict(self, X):
        return np.array([Counter(self.y[self.neighbours(x)].tolist()).most_common(1)[0][0] for x in np.asarray(X)])

    def score(self, X, y):
        return float((self.predict(X) == np.asarray(y)).mean())
