import unittest

import numpy as np

from linreg import LinearRegression, mse, r2


class LinearRegressionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rng = np.random.default_rng(0)
        cls.X = rng.normal(size=(60, 2))
        cls.y = cls.X @ np.array([2.0, -1.0]) + 0.5

    def test_recovers_coefficients(self):
        model = LinearRegression().fit(self.X, self.y)
        np.testing.assert_allclose(model.coef_, [2, -1], atol=1e-3)
        self.assertAlmostEqual(model.intercept_, 0.5, places=3)

    def test_fit_returns_self(self):
        model = LinearRegression()
        self.assertIs(model.fit(self.X, self.y), model)

    def test_predict_shape(self):
        model = LinearRegression().fit(self.X, self.y)
        self.assertEqual(model.predict(self.X[:5]).shape, (5,))

    def test_predict_before_fit(self):
        with self.assertRaisesRegex(RuntimeError, "fit"):
            LinearRegression().predict(self.X)

    def test_loss_goes_down(self):
        model = LinearRegression(steps=50).fit(self.X, self.y)
        self.assertEqual(len(model.history_), 50)
        self.assertTrue(all(a >= b for a, b in zip(model.history_, model.history_[1:])))

    def test_score(self):
        model = LinearRegression().fit(self.X, self.y)
        self.assertGreater(model.score(self.X, self.y), 0.999)

    def test_data_is_not_changed(self):
        X, y = self.X.copy(), self.y.copy()
        LinearRegression().fit(X, y)
        np.testing.assert_array_equal(X, self.X)
        np.testing.assert_array_equal(y, self.y)

    def test_accepts_lists(self):
        model = LinearRegression(steps=2000).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
        self.assertAlmostEqual(float(model.predict([[3.0]])[0]), 7.0, places=3)

    def test_metrics(self):
        self.assertEqual(mse([1, 2], [1, 4]), 2.0)
        self.assertEqual(r2([1, 2, 3], [1, 2, 3]), 1.0)
        self.assertAlmostEqual(r2([1, 2, 3], [2, 2, 2]), 0.0)

    def test_params(self):
        self.assertEqual(LinearRegression(lr=0.5).get_params(), {"lr": 0.5, "steps": 500})

    def test_models_are_independent(self):
        a = LinearRegression().fit(self.X, self.y)
        b = LinearRegression().fit(self.X, -self.y)
        np.testing.assert_allclose(a.coef_, -b.coef_, atol=1e-6)
