import numpy


def predict(xs):
    return numpy.array([0.0] * len(xs))
