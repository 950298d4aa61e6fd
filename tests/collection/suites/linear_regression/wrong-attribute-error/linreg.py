import numpy as np


def mse(y, p):
    return float(np.mean((np.asarray(y) - np.asarray(p)) ** 2))


def r2(y, p):
    return 1 - mse(y, p) / mse(y, np.full(len(y), np.mean(y)))


class LinearRegression:
    def __init__(self, lr=0.1, steps=500):
        self.lr = lr
        self.steps = steps

    def get_params(self):
        return {"lr": self.lr, "steps": self.steps}

    def fit(self, X, y):
        X, y = np.asarray(X, float), np.asarray(y, float)
        self.coef_ = np.zeros(X.shape[1])
        self.intercept_ = 0.0
        self.history_ = []
        for _ in range(self.steps):
            error = X @ self.coef_ + self.intercept_ - y
            self.history_.append(float(np.mean(error**2)))
            self.coef_ = self.coef_ - self.lr * 2 * X.T @ error / len(y)
            self.intercept_ -= self.lr * 2 * error.mean()
        return self

    def predict(self, X):
        return np.asarray(X) @ self.coef_ + self.intercept_

    def score(self, X, y):
        return r2(y, self.predict(X))
