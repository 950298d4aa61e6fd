import itertools

import numpy as np
import pytest

from training import EarlyStopping, StepDecay, cosine_schedule, gradient_descent, minibatches, train_loop, warmup


class TestMinibatches:
    def test_covers_everything_once(self):
        X = np.arange(10)
        batches = list(minibatches(X, 3, seed=0))
        assert [len(b) for b in batches] == [3, 3, 3, 1]
        assert sorted(np.concatenate(batches).tolist()) == list(range(10))

    def test_drop_last(self):
        assert [len(b) for b in minibatches(np.arange(10), 4, drop_last=True)] == [4, 4]

    def test_no_shuffle(self):
        assert next(minibatches(np.arange(10), 4, shuffle=False)).tolist() == [0, 1, 2, 3]

    def test_lazy(self):
        it = minibatches(np.arange(10), 5, seed=1)
        assert iter(it) is it
        next(it), next(it)
        with pytest.raises(StopIteration):
            next(it)

    def test_pairs(self):
        for x, y in minibatches((np.arange(6), np.arange(6) * 10), 2, seed=3):
            assert (y == x * 10).all()


def test_step_decay():
    schedule = StepDecay(0.1, drop=0.5, every=10)
    assert [schedule(e) for e in (0, 9, 10, 25)] == pytest.approx([0.1, 0.1, 0.05, 0.025])


def test_cosine():
    values = list(cosine_schedule(1.0, 4))
    assert values == pytest.approx([1.0, 0.853553, 0.5, 0.146447], abs=1e-5)


def test_warmup_then_constant_for_ever():
    assert list(itertools.islice(warmup(1.0, 4), 6)) == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


class TestEarlyStopping:
    def test_stops_after_patience(self):
        stop = EarlyStopping(patience=2)
        assert [stop(v) for v in (5, 4, 4.5, 4.2, 1)] == [False, False, False, True, True]
        assert stop.best == 4
        assert stop.best_epoch == 1

    def test_min_delta(self):
        stop = EarlyStopping(patience=1, min_delta=0.5)
        assert [stop(v) for v in (3.0, 2.9)] == [False, True]

    def test_nan_stops_at_once(self):
        assert EarlyStopping(patience=5)(float("nan")) is True


def test_gradient_descent_with_test_gradient():
    x, path = gradient_descent(lambda v: 2 * (v - 3), start=0.0, lr=0.1, steps=100)
    assert x == pytest.approx(3, abs=1e-6)
    assert path[0] == 0.0
    assert len(path) == 101


def test_gradient_descent_on_vectors():
    target = np.array([1.0, -2.0])
    x, _ = gradient_descent(lambda v: v - target, start=np.zeros(2), lr=0.5, steps=40)
    np.testing.assert_allclose(x, target, atol=1e-6)


def test_path_holds_different_points():
    _, path = gradient_descent(lambda v: v, start=np.ones(2), lr=0.5, steps=2)
    assert [p.tolist() for p in path] == [[1, 1], [0.5, 0.5], [0.25, 0.25]]


def test_start_is_not_changed():
    start = np.ones(3)
    gradient_descent(lambda v: v, start=start, lr=0.1, steps=5)
    assert start.tolist() == [1, 1, 1]


def test_train_loop_calls_hooks():
    events = []
    history = train_loop(
        step=lambda epoch: 1 / (epoch + 1), epochs=3, on_epoch=lambda e, loss: events.append((e, round(loss, 2)))
    )
    assert history == {"loss": [1.0, 0.5, 1 / 3], "stopped": False}
    assert events == [(0, 1.0), (1, 0.5), (2, 0.33)]


def test_train_loop_can_be_stopped_by_the_callback():
    def hook(epoch, loss):
        if epoch == 1:
            raise StopIteration

    assert train_loop(lambda e: 0.0, 10, hook) == {"loss": [0.0, 0.0], "stopped": True}
