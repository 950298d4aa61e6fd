import numpy as np
import pytest

from preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler, train_test_split


class TestSplit:
    def test_sizes(self):
        X, y = np.arange(20).reshape(10, 2), np.arange(10)
        X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, seed=0)
        assert X_train.shape == (7, 2)
        assert X_test.shape == (3, 2)
        assert len(y_train) == 7

    def test_rows_stay_together(self):
        X, y = np.arange(20).reshape(10, 2), np.arange(10)
        X_train, X_test, y_train, y_test = train_test_split(X, y, seed=1)
        np.testing.assert_array_equal(X_train[:, 0], 2 * y_train)
        np.testing.assert_array_equal(X_test[:, 1], 2 * y_test + 1)

    def test_every_row_exactly_once(self):
        _, _, a, b = train_test_split(np.zeros((10, 1)), np.arange(10), seed=4)
        assert sorted([*a, *b]) == list(range(10))

    def test_is_shuffled_and_seeded(self):
        X, y = np.zeros((30, 1)), np.arange(30)
        one, two, other = (train_test_split(X, y, seed=s)[3].tolist() for s in (1, 1, 2))
        assert one == two
        assert one != other
        assert one != sorted(one)

    def test_order_of_input_is_kept(self):
        X, y = np.arange(10).reshape(10, 1), np.arange(10)
        train_test_split(X, y, seed=9)
        assert y.tolist() == list(range(10))

    @pytest.mark.parametrize("size", [0, 1, 1.5, -0.1])
    def test_bad_size(self, size):
        with pytest.raises(ValueError):
            train_test_split(np.zeros((4, 1)), np.zeros(4), test_size=size)


class TestStandardScaler:
    X = np.array([[1.0, 100.0], [3.0, 300.0]])

    def test_fit_transform(self):
        np.testing.assert_allclose(StandardScaler().fit_transform(self.X), [[-1, -1], [1, 1]])

    def test_uses_training_statistics(self):
        scaler = StandardScaler().fit(self.X)
        np.testing.assert_allclose(scaler.transform(np.array([[2.0, 500.0]])), [[0, 3]])

    def test_inverse(self):
        scaler = StandardScaler().fit(self.X)
        np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(self.X)), self.X)

    def test_attributes(self):
        scaler = StandardScaler().fit(self.X)
        np.testing.assert_array_equal(scaler.mean_, [2, 200])
        np.testing.assert_array_equal(scaler.scale_, [1, 100])

    def test_input_not_changed(self):
        X = self.X.copy()
        StandardScaler().fit_transform(X)
        assert (X == self.X).all()


def test_min_max():
    np.testing.assert_allclose(MinMaxScaler((0, 10)).fit_transform(np.array([[1.0], [2.0], [3.0]])), [[0], [5], [10]])


class TestOneHot:
    def test_encode(self):
        enc = OneHotEncoder().fit(["red", "blue", "red"])
        assert enc.categories_ == ["blue", "red"]
        result = enc.transform(["red", "blue"])
        assert result.tolist() == [[0, 1], [1, 0]]
        assert result.dtype == np.int64

    def test_unknown(self):
        enc = OneHotEncoder().fit(["a"])
        with pytest.raises(KeyError, match="'b'"):
            enc.transform(["b"])

    def test_ignore_unknown(self):
        assert OneHotEncoder(ignore=True).fit(["a", "b"]).transform(["z"]).tolist() == [[0, 0]]

    def test_inverse(self):
        enc = OneHotEncoder().fit([3, 1, 2])
        assert enc.inverse(enc.transform([2, 3])) == [2, 3]
