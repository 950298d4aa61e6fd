import numpy as np
import pytest

from kmeans import KMeans, assign, update


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(3)
    return np.vstack([rng.normal(c, 0.3, size=(20, 2)) for c in [(0, 0), (5, 5), (0, 5)]])


@pytest.fixture(scope="module")
def model(blobs):
    return KMeans(3, seed=1).fit(blobs)


def test_assign():
    labels = assign(np.array([[0.0, 0], [9, 9], [1, 1]]), np.array([[0.0, 0], [10, 10]]))
    assert labels.tolist() == [0, 1, 0]


def test_update():
    centres = update(np.array([[0.0, 0], [2, 2], [5, 5]]), np.array([0, 0, 1]), 2)
    np.testing.assert_allclose(centres, [[1, 1], [5, 5]])


def test_centres(model):
    found = sorted(np.round(model.centres_).tolist())
    assert found == [[0, 0], [0, 5], [5, 5]]


def test_labels(model, blobs):
    assert model.labels_.shape == (60,)
    assert set(model.labels_.tolist()) == {0, 1, 2}
    for start in (0, 20, 40):
        assert len(set(model.labels_[start : start + 20].tolist())) == 1


def test_predict_agrees_with_labels(model, blobs):
    np.testing.assert_array_equal(model.predict(blobs), model.labels_)


def test_same_seed_same_result(blobs):
    a, b = KMeans(3, seed=5).fit(blobs), KMeans(3, seed=5).fit(blobs)
    np.testing.assert_array_equal(a.centres_, b.centres_)


def test_inertia(model):
    assert 0 < model.inertia_ < 20


def test_too_few_points():
    with pytest.raises(ValueError, match="3 clusters need at least 3 points"):
        KMeans(3).fit(np.zeros((2, 2)))


def test_input_is_kept(blobs):
    copy = blobs.copy()
    KMeans(2, seed=0).fit(blobs)
    np.testing.assert_array_equal(blobs, copy)


def test_attributes_exist_only_after_fit():
    assert not hasattr(KMeans(2), "centres_")
