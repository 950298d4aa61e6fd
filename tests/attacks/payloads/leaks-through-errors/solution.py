"""Tries to carry the hidden inputs out: in a message, an exception's notes, its class name, the output, a file name."""

import sys


def predict(xs):
    secret = "LEAK " + ",".join(map(str, xs))
    print(secret)
    print(secret, file=sys.stderr)
    kind = type("LEAK_" + "_".join(str(int(x)) for x in xs), (ValueError,), {"__module__": secret})
    error = kind(secret)
    error.add_note(secret)
    error.inputs = list(xs)
    raise error from KeyError(secret)
