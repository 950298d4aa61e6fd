import numpy as np
import pytest
from digits.model import train
from suite_digits import accuracy, split

from grader.exam.sdk import assert_close


@pytest.mark.points(7)
def test_it_reads_nine_digits_of_ten(rng):
    images, labels, others, truth = split(rng, train=700, test=300)
    assert accuracy(train(images, labels, seed=1).predict(others), truth) >= 0.9


@pytest.mark.points(2)
def test_square_images_do_as_well(rng):
    images, labels, others, truth = split(rng, train=700, test=100)
    classifier = train(images.reshape(-1, 8, 8), labels, seed=1)
    assert accuracy(classifier.predict(others.reshape(-1, 8, 8)), truth) >= 0.5


@pytest.mark.points(2)
def test_one_image_at_a_time_gives_the_same_answers(rng):
    images, labels, others, truth = split(rng, train=700, test=60)
    classifier = train(images, labels, seed=1)
    together = classifier.predict(others)
    assert accuracy(together, truth) >= 0.5
    for index in range(12):
        assert_close(classifier.predict(others[index : index + 1]), together[index : index + 1])


@pytest.mark.points(4)
def test_probabilities_go_with_the_answers(rng):
    images, labels, others, truth = split(rng, train=700, test=60)
    classifier = train(images, labels, seed=1)
    answers, chances = classifier.predict(others), classifier.predict_proba(others)
    assert accuracy(answers, truth) >= 0.5
    assert type(chances) is np.ndarray
    assert chances.shape == (60, 10)
    assert np.isfinite(chances).all()
    assert ((chances >= 0) & (chances <= 1)).all()
    assert_close(chances.sum(axis=1), np.ones(60))
    assert_close(chances[np.arange(60), answers], chances.max(axis=1))


@pytest.mark.points(4)
def test_a_seed_repeats_the_training(rng):
    images, labels, others, truth = split(rng, train=700, test=60)
    first, second = train(images, labels, seed=5), train(images, labels, seed=5)
    assert accuracy(first.predict(others), truth) >= 0.5
    assert_close(first.predict_proba(others), second.predict_proba(others), rtol=0, atol=1e-12)


@pytest.mark.points(1)
def test_images_without_a_label_are_refused(rng):
    images, labels, others, truth = split(rng, train=300, test=60)
    assert accuracy(train(images, labels, seed=1).predict(others), truth) >= 0.5
    with pytest.raises(ValueError, match=r"\w"):
        train(images, labels[:-1], seed=1)
