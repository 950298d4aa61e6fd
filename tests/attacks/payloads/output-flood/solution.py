"""At most 300 MB of bytes that terminals, browsers and decoders dislike, without a line end."""

import os
import sys

PIECE = b"\x1b[31m\x1b]8;;http://x\x07\x9b\xc3\x28\x00\xed\xa0\x80</pre><img src=x onerror=alert(1)>\b\r"


def predict(xs):
    chunk = PIECE * (1024 * 1024 // len(PIECE))
    for _ in range(150):
        for fd in (1, 2):
            try:
                os.write(fd, chunk)
            except OSError:
                return []
    sys.stdout.write("\ud800" if sys.stdout.errors != "strict" else "end")
    return []
