import numpy as np
import pytest

from logreg import LogisticRegression, log_loss, sigmoid


def test_sigmoid():
    assert sigmoid(0) == 0.5
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]


def test_sigmoid_does_not_warn():
    with np.errstate(all="raise"):
        sigmoid(np.array([-800.0, 800.0]))


@pytest.mark.filterwarnings("error")
def test_sigmoid_scalar_type():
    assert sigmoid(2.0) == pytest.approx(0.8807970779778823)


def test_log_loss():
    assert log_loss([1, 0], [0.9, 0.1]) == pytest.approx(0.1053605)
    assert np.isfinite(log_loss([1], [0.0]))


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 2))
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


class TestModel:
    @pytest.fixture(scope="class")
    def model(self, problem):
        return LogisticRegression(lr=0.5, epochs=300).fit(*problem)

    def test_accuracy(self, model, problem):
        X, y = problem
        assert (model.predict(X) == y).mean() > 0.95

    def test_probabilities(self, model, problem):
        p = model.predict_proba(problem[0])
        assert p.shape == (80, 2)
        np.testing.assert_allclose(p.sum(axis=1), 1)

    def test_predictions_are_integers(self, model, problem):
        assert model.predict(problem[0]).dtype.kind == "i"

    def test_weights_have_the_right_sign(self, model):
        assert (model.weights > 0).all()

    def test_threshold(self, model, problem):
        X, _ = problem
        assert model.predict(X, threshold=0.99).sum() < model.predict(X, threshold=0.01).sum()

    def test_losses(self, model):
        assert isinstance(model.losses, list)
        assert len(model.losses) == 300
        assert model.losses[-1] < model.losses[0]

    def test_labels_must_be_binary(self, problem):
        with pytest.raises(ValueError):
            LogisticRegression().fit(problem[0], np.arange(80))
