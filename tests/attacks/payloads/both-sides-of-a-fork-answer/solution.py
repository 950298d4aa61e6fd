"""Parent and child both return to the shim, so every request gets two replies (bounded: one fork a call, 3 calls)."""

import os

CALLS = []


def predict(xs):
    CALLS.append(1)
    if len(CALLS) <= 3 and os.fork() == 0:
        return []
    return [0.0] * len(xs)
