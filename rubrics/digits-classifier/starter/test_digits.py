"""The examples of the brief. Run them with `pytest`, and add your own: the hidden tests will."""

import json
import subprocess
import sys

import numpy as np
import pytest
from digits.metrics import accuracy, confusion_matrix
from digits.model import train
from digits.preprocess import normalise
from sklearn.datasets import load_digits


def test_normalise():
    assert np.allclose(normalise(np.full((2, 8, 8), 4)), np.full((2, 64), 0.25))
    with pytest.raises(ValueError, match=r"\w"):
        normalise(np.zeros((2, 63)))


def test_metrics():
    assert accuracy([3, 3, 8, 1], [3, 8, 8, 1]) == 0.75
    assert confusion_matrix([3, 3, 8, 1], [3, 8, 8, 1])[3, 8] == 1


def test_train():
    images, labels = load_digits(return_X_y=True)
    classifier = train(images[:1200], labels[:1200], seed=1)
    assert accuracy(labels[1200:], classifier.predict(images[1200:])) > 0.9
    assert classifier.predict_proba(images[:3]).shape == (3, 10)


def test_program():
    command = [sys.executable, "-m", "digits", "score"]
    stdin = json.dumps({"truth": [3, 3, 8, 1], "predicted": [3, 8, 8, 1]})
    run = subprocess.run(command, input=stdin, capture_output=True, text=True)
    assert json.loads(run.stdout)["accuracy"] == 0.75
