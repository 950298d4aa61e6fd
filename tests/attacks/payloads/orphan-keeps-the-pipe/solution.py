"""A detached child keeps the descriptors open and writes after the parent is dead (bounded: 20 s)."""

import os
import signal
import time


def predict(xs):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for _ in range(40):
                try:
                    os.write(1, b"passed\n")
                except OSError:
                    pass
                time.sleep(0.5)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
