import numpy as np
import pytest
from digits.metrics import accuracy, confusion_matrix

from grader.exam.sdk import assert_close


def expected_confusion(truth, predicted):
    table = np.zeros((10, 10), dtype=np.int64)
    for row, column in zip(truth, predicted, strict=True):
        table[row, column] += 1
    return table


@pytest.mark.points(3)
def test_accuracy_is_the_share_of_right_answers(rng):
    assert_close(accuracy([1, 2, 3, 4], [1, 2, 3, 9]), 0.75)
    truth, predicted = rng.integers(0, 10, 300), rng.integers(0, 10, 300)
    assert_close(accuracy(truth, predicted), float(np.sum(truth == predicted) / 300))


@pytest.mark.points(1)
def test_accuracy_of_all_and_of_none():
    assert_close(accuracy([7, 7, 1], [7, 7, 1]), 1.0)
    assert_close(accuracy([7, 7, 1], [1, 1, 7]), 0.0)


@pytest.mark.points(4)
def test_confusion_has_the_truth_in_its_rows():
    table = confusion_matrix([3, 3, 3, 8], [3, 8, 8, 3])
    assert_close(table, expected_confusion([3, 3, 3, 8], [3, 8, 8, 3]))


@pytest.mark.points(4)
def test_confusion_of_any_two_vectors(rng):
    truth, predicted = rng.integers(0, 10, 400), rng.integers(0, 10, 400)
    assert_close(confusion_matrix(truth, predicted), expected_confusion(truth, predicted))


@pytest.mark.points(2)
def test_vectors_that_do_not_match_are_refused():
    assert_close(accuracy([1, 2], [1, 1]), 0.5)
    for function in (accuracy, confusion_matrix):
        with pytest.raises(ValueError, match=r"\w"):
            function([1, 2, 3], [1, 2])
        with pytest.raises(ValueError, match=r"\w"):
            function([1, 2, 3], [1])


@pytest.mark.points(1)
def test_nothing_has_no_accuracy():
    assert_close(accuracy([5], [5]), 1.0)
    with pytest.raises(ValueError, match=r"\w"):
        accuracy([], [])
