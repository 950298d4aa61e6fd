"""The same 3 GiB spread over six children, so that the kernel may kill a child rather than the shim."""

import os
import time


def predict(xs):
    children = []
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            data = bytearray(512 * 1024 * 1024)
            data[::4096] = b"x" * len(data[::4096])
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return []
