import itertools


def predict(xs):
    for _ in itertools.repeat(None):
        pass
