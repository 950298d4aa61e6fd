"""Ignores every signal that may be ignored, then waits (bounded: 60 s)."""

import signal
import time

for _s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(_s, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
except OSError:
    pass


def predict(xs):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.2)
    return []
