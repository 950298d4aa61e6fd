"""Busy inside one C call, where no Python signal handler or trace function gets a turn."""


def predict(xs):
    return [len(str(7 ** (10**8)))]
