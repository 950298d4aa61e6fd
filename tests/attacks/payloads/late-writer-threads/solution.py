"""Threads that keep writing after the answer was given (bounded: 4 threads, 3 s)."""

import os
import threading
import time


def _chatter():
    end = time.monotonic() + 3
    while time.monotonic() < end:
        for fd in (1, 2, 3, 4):
            try:
                os.write(fd, b'\x00\x00\x00\x10{"ok": true, 1}\n')
            except OSError:
                pass
        time.sleep(0.01)


def predict(xs):
    for _ in range(4):
        threading.Thread(target=_chatter, daemon=True).start()
    return [0]
