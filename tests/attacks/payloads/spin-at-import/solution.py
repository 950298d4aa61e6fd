import time

_end = time.monotonic() + 120
while time.monotonic() < _end:
    pass


def predict(xs):
    return []
