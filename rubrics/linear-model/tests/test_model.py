import pytest
from solution import LinearModel
from suite_linear import least_squares, line_data, number

from grader.exam.sdk import assert_close


@pytest.mark.points(1)
def test_fit_returns_the_model_itself():
    model = LinearModel()
    fitted = model.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    assert fitted is model
    assert_close(fitted.predict([[5.0]]).tolist(), [11.0], rtol=1e-6, atol=1e-6)


@pytest.mark.points(3)
@pytest.mark.parametrize("method", ["exact", "descent"])
def test_each_method_predicts_new_rows(method, rng):
    table, target, _, _ = line_data(rng, 100, 3, noise=0.5)
    weights, bias = least_squares(table, target)
    model = LinearModel(method=method)
    model.fit(table, target)
    fresh = rng.normal(size=(17, 3))
    assert_close(model.predict(fresh), fresh @ weights + bias, rtol=1e-3, atol=1e-3)


@pytest.mark.points(2)
def test_the_fitted_line_can_be_read(rng):
    table, target, _, _ = line_data(rng, 50, 2, noise=0.5)
    weights, bias = least_squares(table, target)
    model = LinearModel(method="exact")
    model.fit(table, target)
    assert_close(model.weights, weights)
    assert_close(number(model.bias), bias)


@pytest.mark.points(2)
def test_a_second_fit_forgets_the_first():
    model = LinearModel()
    model.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    model.fit([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [2.0, 5.0]], [1.0, -1.0, 0.0, 3.0])
    assert_close(model.predict([[10.0, 1.0]]).tolist(), [-9.0], rtol=1e-6, atol=1e-6)


@pytest.mark.points(1)
def test_two_models_do_not_share_a_line():
    up, down = LinearModel(), LinearModel()
    up.fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    down.fit([[0.0], [1.0], [2.0]], [0.0, -1.0, -2.0])
    assert_close(up.predict([[4.0]]).tolist(), [4.0], rtol=1e-6, atol=1e-6)
    assert_close(down.predict([[4.0]]).tolist(), [-4.0], rtol=1e-6, atol=1e-6)
