import numpy as np


def train_test_split(X, y, test_size=0.25, seed=None):
    if not 0 < test_size < 1:
        raise ValueError("test_size must be between 0 and 1")
    order = np.arange(len(X))
    n = round(len(X) * test_size)
    test, train = order[:n], order[n:]
    return X[train], X[test], y[train], y[test]


class StandardScaler:
    def fit(self, X):
        self.mean_, self.scale_ = X.mean(axis=0), X.std(axis=0)
        return self

    def transform(self, X):
        return (X - self.mean_) / self.scale_

    def fit_transform(self, X):
        return self.fit(X).transform(X)

    def inverse_transform(self, Z):
        return Z * self.scale_ + self.mean_


class MinMaxScaler:
    def __init__(self, feature_range=(0, 1)):
        self.low, self.high = feature_range

    def fit_transform(self, X):
        a, b = X.min(axis=0), X.max(axis=0)
        return self.low + (X - a) / (b - a) * (self.high - self.low)


class OneHotEncoder:
    def __init__(self, ignore=False):
        self.ignore = ignore

    def fit(self, values):
        self.categories_ = sorted(set(values))
        return self

    def transform(self, values):
        out = np.zeros((len(values), len(self.categories_)), dtype=np.int64)
        for row, v in zip(out, values):
            if v in self.categories_:
                row[self.categories_.index(v)] = 1
            elif not self.ignore:
                raise KeyError(v)
        return out

    def inverse(self, matrix):
        return [self.categories_[i] for i in matrix.argmax(axis=1)]
