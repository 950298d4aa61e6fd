import numpy as np


def sigmoid(z):
    e = np.exp(-np.minimum(np.abs(z), 700))
    p = np.where(np.asarray(z) >= 0, 1 / (1 + e), e / (1 + e))
    p = np.where(p < 1e-300, 0.0, p)
    return p if p.ndim else float(p)


def log_loss(y, p):
    y, p = np.asarray(y), np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


class LogisticRegression:
    def __init__(self, lr=0.1, epochs=100):
        self.lr, self.epochs = lr, epochs

    def fit(self, X, y):
        if not set(np.unique(y)) <= {0, 1}:
            raise ValueError("labels must be 0 or 1")
        self.weights, self.bias, self.losses = np.zeros(X.shape[1]), 0.0, []
        for _ in range(self.epochs):
            p = sigmoid(X @ self.weights + self.bias)
            self.losses.append(log_loss(y, p))
            self.weights = self.weights - self.lr * X.T @ (p - y) / len(y)
            self.bias -= self.lr * np.mean(p - y)
        return self

    def predict_proba(self, X):
        p = sigmoid(X @ self.weights + self.bias)
        return np.column_stack([1 - p, p])

    def predict(self, X, threshold=0.5):
        return (self.predict_proba(X)[:, 1] >= threshold).astype(int)
