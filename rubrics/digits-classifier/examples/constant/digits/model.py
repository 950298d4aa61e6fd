"""Always answers with the digit it saw most often."""

import numpy as np

from .preprocess import normalise


class Classifier:
    def __init__(self, digit):
        self.digit = digit

    def predict(self, images):
        return np.full(len(normalise(images)), self.digit)

    def predict_proba(self, images):
        return np.tile(np.eye(10)[self.digit], (len(images), 1))


def train(images, labels, seed=0):
    if len(images) != len(labels):
        raise ValueError("every image needs a label")
    return Classifier(int(np.bincount(labels).argmax()))
