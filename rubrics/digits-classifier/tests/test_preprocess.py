import numpy as np
import pytest
from digits.preprocess import normalise

from grader.exam.sdk import assert_close


@pytest.mark.points(3)
def test_values_from_0_to_16_become_values_from_0_to_1(rng):
    images = rng.integers(0, 17, size=(5, 64)).astype(float)
    assert_close(normalise(images), images / 16)


@pytest.mark.points(3)
def test_square_images_become_rows(rng):
    images = rng.uniform(0, 16, size=(7, 8, 8))
    assert_close(normalise(images), images.reshape(7, 64) / 16)


@pytest.mark.points(1)
def test_whole_numbers_and_lists_are_welcome(rng):
    images = rng.integers(0, 17, size=(3, 64))
    assert_close(normalise(images), images / 16)
    assert_close(normalise(images.tolist()), images / 16)


@pytest.mark.points(0.5)
@pytest.mark.parametrize(
    "images",
    [
        np.zeros((4, 63)),
        np.zeros(64),
        np.zeros((0, 64)),
        np.full((2, 64), 16.5),
        np.full((2, 64), -1.0),
        np.full((2, 64), np.nan),
    ],
    ids=["width", "one-row", "none", "too-bright", "negative", "nan"],
)
def test_what_is_not_a_set_of_images_is_refused(images):
    assert_close(normalise(np.full((2, 64), 8.0)), np.full((2, 64), 0.5))
    with pytest.raises(ValueError, match=r"\w"):
        normalise(images)
