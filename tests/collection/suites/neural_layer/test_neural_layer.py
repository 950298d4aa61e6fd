import numpy as np
import pytest

from nn import Dense, ReLU, Sequential, cross_entropy, numerical_gradient, softmax
from nn.optim import SGD


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_dense_shapes():
    layer = Dense(3, 2, seed=0)
    assert layer.W.shape == (3, 2)
    assert layer.b.shape == (2,)
    assert layer.forward(np.ones((5, 3))).shape == (5, 2)


def test_dense_values():
    layer = Dense(2, 1)
    layer.W = np.array([[2.0], [3.0]])
    layer.b = np.array([1.0])
    np.testing.assert_allclose(layer.forward(np.array([[1.0, 1.0], [0.0, 2.0]])), [[6], [7]])


def test_weights_can_be_changed_in_place():
    layer = Dense(1, 1, seed=0)
    layer.W[:] = 5.0
    layer.b[0] = -1.0
    assert layer.forward(np.array([[2.0]]))[0, 0] == 9.0


def test_relu():
    relu = ReLU()
    assert relu.forward(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]
    assert relu.backward(np.ones(3)).tolist() == [0, 0, 1]


def test_relu_keeps_its_input():
    x = np.array([-1.0, 1.0])
    ReLU().forward(x)
    assert x.tolist() == [-1, 1]


def test_softmax():
    p = softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]]))
    np.testing.assert_allclose(p, [[0.5, 0.5], [0.25, 0.75]])


def test_cross_entropy():
    assert cross_entropy(np.array([[0.5, 0.5]]), np.array([0])) == pytest.approx(np.log(2))


def test_backward_matches_numerical_gradient(rng):
    layer, x = Dense(3, 2, seed=1), rng.normal(size=(4, 3))
    layer.forward(x)
    dx = layer.backward(np.ones((4, 2)))
    expected = numerical_gradient(lambda v: float(layer.forward(v).sum()), x)
    np.testing.assert_allclose(dx, expected, atol=1e-5)


def test_parameter_gradients(rng):
    layer, x = Dense(2, 2, seed=1), rng.normal(size=(3, 2))
    layer.forward(x)
    layer.backward(np.ones((3, 2)))
    np.testing.assert_allclose(layer.dW, x.T @ np.ones((3, 2)))
    np.testing.assert_allclose(layer.db, [3, 3])


def test_numerical_gradient_of_a_test_function():
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**2).sum(), np.array([1.0, -2.0])), [2, -4], atol=1e-5)


def test_sgd_step():
    layer = Dense(1, 1)
    layer.W, layer.b = np.array([[1.0]]), np.array([0.0])
    layer.dW, layer.db = np.array([[0.5]]), np.array([1.0])
    SGD([layer], lr=0.1).step()
    assert layer.W[0, 0] == pytest.approx(0.95)
    assert layer.b[0] == pytest.approx(-0.1)


def test_sequential():
    model = Sequential(Dense(2, 8, seed=0), ReLU(), Dense(8, 2, seed=1))
    assert len(model) == 3
    assert isinstance(model[1], ReLU)
    assert model(np.zeros((4, 2))).shape == (4, 2)
    assert model.n_parameters == 2 * 8 + 8 + 8 * 2 + 2


def test_learns_xor(rng):
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    model = Sequential(Dense(2, 16, seed=3), ReLU(), Dense(16, 2, seed=4))
    losses = model.train(X, y, SGD([model[0], model[2]], lr=0.5), epochs=200)
    assert losses[-1] < 0.1 < losses[0]
    assert model(X).argmax(axis=1).tolist() == [0, 1, 1, 0]


def test_wrong_input_width():
    with pytest.raises(ValueError):
        Dense(3, 2).forward(np.ones((1, 4)))
