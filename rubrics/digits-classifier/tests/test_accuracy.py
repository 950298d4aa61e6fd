"""Only what was taught in this very test can be right: rows held out throughout, drawn anew, under new names."""

import numpy as np
from digits.model import train
from suite_digits import accuracy, held_out, pool, redrawn, renamed


def test_accuracy_on_unseen_images(metric, rng):
    images, labels = pool()
    others, truth = held_out()
    names = renamed(rng, np.arange(10))
    rows = rng.permutation(len(images))[:1000]
    classifier = train(images[rows], names[labels[rows]], seed=int(rng.integers(1000)))
    metric("accuracy", accuracy(classifier.predict(redrawn(rng, others)), names[truth]))
