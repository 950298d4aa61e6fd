import numpy as np
import pytest
from digits.model import train
from suite_digits import accuracy, redrawn, renamed, split

from grader.exam.sdk import assert_close


@pytest.mark.points(4)
def test_three_kinds_of_digits_are_all_it_knows(rng):
    images, labels, others, truth = split(rng, train=900, test=300)
    taught, asked = np.isin(labels, [3, 7, 8]), np.isin(truth, [3, 7, 8])
    classifier = train(images[taught], labels[taught], seed=2)
    chances = classifier.predict_proba(others)
    assert chances.shape == (300, 10)
    assert_close(chances[:, [0, 1, 2, 4, 5, 6, 9]], np.zeros((300, 7)))
    assert set(classifier.predict(others).tolist()) <= {3, 7, 8}
    assert accuracy(classifier.predict(others[asked]), truth[asked]) >= 0.75


@pytest.mark.points(4)
def test_new_names_are_learnt(rng):
    images, labels, others, truth = split(rng, train=700, test=200)
    names = renamed(rng, np.arange(10))
    classifier = train(images, names[labels], seed=2)
    assert accuracy(classifier.predict(redrawn(rng, others)), names[truth]) >= 0.85


@pytest.mark.points(2)
def test_the_images_given_are_left_alone(rng):
    images, labels, others, truth = split(rng, train=400, test=100)
    before = images.copy(), labels.copy(), others.copy()
    classifier = train(images, labels, seed=2)
    assert accuracy(classifier.predict(others), truth) >= 0.5
    assert_close(images, before[0], rtol=0, atol=0)
    assert_close(labels, before[1])
    assert_close(others, before[2], rtol=0, atol=0)
