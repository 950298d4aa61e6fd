"""Works on the student's own machine, where torch happens to be installed."""

import torch


def mse(y_true, y_pred):
    return float(torch.nn.functional.mse_loss(torch.tensor(y_pred), torch.tensor(y_true)))


def fit(X, y):
    X = torch.tensor(X, dtype=torch.float64)
    ones = torch.ones(len(X), 1, dtype=torch.float64)
    solution = torch.linalg.lstsq(torch.hstack([X, ones]), torch.tensor(y)[:, None]).solution
    return solution[:-1, 0].numpy(), float(solution[-1, 0])
