import numpy as np
import pytest

from knn import KNN, euclidean, manhattan

X = np.array([[0, 0], [0, 1], [1, 0], [5, 5], [5, 6], [6, 5]], dtype=float)
Y = np.array(["low", "low", "low", "high", "high", "high"])


def test_distances():
    assert euclidean(np.array([0, 0]), np.array([3, 4])) == 5.0
    assert manhattan(np.array([0, 0]), np.array([3, 4])) == 7


@pytest.mark.parametrize("k", [1, 3])
def test_predict(k):
    knn = KNN(k).fit(X, Y)
    assert list(knn.predict(np.array([[0.2, 0.2], [5.5, 5.5]]))) == ["low", "high"]


def test_single_point():
    assert KNN(3).fit(X, Y).predict(np.array([[9.0, 9.0]]))[0] == "high"


def test_neighbours():
    assert KNN(3).fit(X, Y).neighbours(np.array([0.0, 0.0])).tolist() == [0, 1, 2]


def test_distance_given_by_the_test():
    calls = []

    def first_coordinate(a, b):
        calls.append(len(a))
        return abs(float(a[0]) - float(b[0]))

    knn = KNN(1, distance=first_coordinate).fit(X, Y)
    assert knn.predict(np.array([[6.1, 0.0]]))[0] == "high"
    assert calls == [2] * 6


def test_tie_goes_to_the_nearest():
    knn = KNN(2).fit(np.array([[0.0], [3.0]]), np.array(["a", "b"]))
    assert knn.predict(np.array([[1.0]]))[0] == "a"
    assert knn.predict(np.array([[2.0]]))[0] == "b"


def test_k_larger_than_data():
    with pytest.raises(ValueError, match="k=9"):
        KNN(9).fit(X, Y)


def test_k_must_be_positive():
    with pytest.raises(ValueError):
        KNN(0)


def test_changing_the_training_data_later_does_not_matter():
    x = X.copy()
    knn = KNN(1).fit(x, Y)
    x[:3], x[3:] = 100, 0
    assert knn.predict(np.array([[0.0, 0.0]]))[0] == "low"


def test_score():
    assert KNN(1).fit(X, Y).score(X, Y) == 1.0


def test_lists_work_too():
    assert list(KNN(1).fit([[0], [9]], [0, 1]).predict([[8]])) == [1]
