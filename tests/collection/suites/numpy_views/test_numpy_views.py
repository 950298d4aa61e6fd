import numpy as np
import pytest

import arrays


def test_zero_dimensional():
    total = arrays.total(np.array([1.5, 2.5]))
    assert np.ndim(total) == 0
    assert float(total) == 4.0
    assert total == 4.0


def test_scalar_type():
    assert isinstance(arrays.total(np.array([1.0])), np.floating)
    assert isinstance(arrays.count_positive(np.array([1, -1, 2])), int)


def test_dict_of_arrays():
    result = arrays.describe(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert set(result) == {"mean", "std", "shape", "mask"}
    np.testing.assert_allclose(result["mean"], [2, 3])
    np.testing.assert_allclose(result["std"], [1, 1])
    assert result["shape"] == (2, 2)
    assert result["mask"].dtype == bool


def test_tuple_of_arrays():
    low, high = arrays.split(np.arange(10), 5)
    np.testing.assert_array_equal(low, np.arange(5))
    np.testing.assert_array_equal(high, np.arange(5, 10))


def test_in_place_returns_the_same_array():
    x = np.zeros(3)
    assert arrays.fill_diagonal_like(x) is x
    assert x.tolist() == [0, 1, 2]


def test_row_is_written_through():
    x = np.arange(6).reshape(2, 3)
    arrays.zero_row(x, 1)
    assert x.tolist() == [[0, 1, 2], [0, 0, 0]]


def test_slice_argument_is_changed_in_the_base():
    base = np.ones((4, 4))
    arrays.zero_row(base[1:3], 0)
    assert base[1].sum() == 0
    assert base[2].sum() == 4


def test_transposed_argument():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(arrays.row_sums(x.T), [3, 5, 7])


def test_non_contiguous_argument():
    np.testing.assert_array_equal(arrays.row_sums(np.arange(16).reshape(4, 4)[::2, ::-1]), [6, 38])


def test_centred_is_a_copy():
    x = np.array([1.0, 3.0])
    y = arrays.centred(x)
    y[0] = 100
    assert x.tolist() == [1, 3]


def test_complex_and_bool():
    np.testing.assert_allclose(arrays.phases(np.array([1, 1j])), [0, np.pi / 2])
    assert arrays.both(np.array([True, False]), np.array([True, True])).tolist() == [True, False]


def test_dates():
    days = np.array(["2024-01-01", "2024-03-01"], dtype="datetime64[D]")
    assert arrays.gap(days) == np.timedelta64(60, "D")


def test_strings():
    assert arrays.upper(np.array(["a", "žluť"])).tolist() == ["A", "ŽLUŤ"]


def test_empty_arrays():
    assert arrays.centred(np.empty((0,))).shape == (0,)
    assert arrays.row_sums(np.empty((0, 3))).shape == (0,)


def test_nan_positions():
    x = np.array([1, np.nan, 3])
    np.testing.assert_array_equal(arrays.fill_nan(x, 0), [1, 0, 3])
    assert np.isnan(x[1])


def test_inplace_on_integers_fails():
    with pytest.raises(TypeError):
        arrays.halve(np.array([1, 2, 3]))


def test_halve():
    x = np.array([1.0, 2.0])
    arrays.halve(x)
    assert x.tolist() == [0.5, 1.0]
