import numpy as np

from .layers import Dense, ReLU


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(p, y):
    return float(-np.log(p[np.arange(len(y)), y]).mean())


def numerical_gradient(f, x, h=1e-6):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, i):
        return self.layers[i]

    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    @property
    def n_parameters(self):
        return sum(a.W.size + a.b.size for a in self.layers if isinstance(a, Dense))

    def train(self, X, y, optimiser, epochs):
        losses = []
        for _ in range(epochs):
            p = softmax(self(X))
            losses.append(cross_entropy(p, y))
            grad = (p - np.eye(p.shape[1])[y]) / len(y)
            for layer in reversed(self.layers):
                grad = layer.backward(grad)
            optimiser.step()
        return losses
