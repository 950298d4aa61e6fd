import numpy as np
import pytest

from solution import add_noise, clip_outliers, moving_average, normalize, outer_table, pairwise_distances


@pytest.fixture
def data():
    return np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])


def test_normalize(data):
    result = normalize(data)
    np.testing.assert_allclose(result.mean(axis=0), [0, 0], atol=1e-12)
    np.testing.assert_allclose(result.std(axis=0), [1, 1])


def test_normalize_keeps_its_input(data):
    before = data.copy()
    normalize(data)
    np.testing.assert_array_equal(data, before)


def test_normalize_constant_column():
    result = normalize(np.array([[1.0, 5.0], [2.0, 5.0]]))
    assert not np.isnan(result).any()
    assert (result[:, 1] == 0).all()


def test_result_is_an_array(data):
    assert isinstance(normalize(data), np.ndarray)
    assert normalize(data).shape == (3, 2)
    assert normalize(data).dtype == np.float64


def test_moving_average():
    np.testing.assert_allclose(moving_average(np.arange(6), 3), [1, 2, 3, 4])
    assert moving_average([1, 2], 5).size == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_clip_in_place(dtype):
    x = np.array([1, 200, -50, 7], dtype=dtype)
    assert clip_outliers(x, 0, 10) is None
    assert x.tolist() == [1, 10, 0, 7]
    assert x.dtype == dtype


def test_pairwise_distances():
    d = pairwise_distances(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(d, [[0, 5], [5, 0]])
    assert np.allclose(d, d.T)


def test_outer_table():
    t = outer_table(3)
    assert np.array_equal(t, [[1, 2, 3], [2, 4, 6], [3, 6, 9]])
    assert np.issubdtype(t.dtype, np.integer)


def test_noise_is_seeded(data):
    a, b = add_noise(data, seed=1), add_noise(data, seed=1)
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, add_noise(data, seed=2))
    assert np.abs(a - data).max() < 1


def test_bad_shape():
    with pytest.raises(ValueError, match="2-D"):
        normalize(np.zeros(3))
