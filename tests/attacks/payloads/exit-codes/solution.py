"""Every status that somebody could take for a verdict: pytest's own, timeouts, signals."""

import os
import sys


def predict(xs):
    code = (0, 1, 2, 5, 70, 124, 137, 139)[len(xs) % 8]
    if len(xs) % 2:
        sys.exit(code)
    os._exit(code)
