"""How good are the answers?"""

import numpy as np


def accuracy(truth, predicted):
    """The share of right answers, from 0.0 to 1.0."""
    truth, predicted = _pair(truth, predicted)
    return float(np.mean(truth == predicted))


def confusion_matrix(truth, predicted):
    """Counts (10, 10): the row is the true digit, the column the answer."""
    truth, predicted = _pair(truth, predicted)
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def _pair(truth, predicted):
    truth, predicted = np.array(truth), np.array(predicted)
    if truth.ndim != 1 or truth.shape != predicted.shape or truth.size == 0:
        raise ValueError(f"cannot compare shapes {truth.shape} and {predicted.shape}")
    return truth, predicted
