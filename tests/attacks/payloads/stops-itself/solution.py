"""Stops instead of dying: a worker that waits for an exit would wait for ever."""

import os
import signal


def predict(xs):
    os.kill(os.getpid(), signal.SIGSTOP)
    return []
