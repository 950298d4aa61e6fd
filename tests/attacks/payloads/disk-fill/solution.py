"""At most 2 GiB in one file and 50,000 empty ones, in every place that may be writable."""

import os
import tempfile

PLACES = {tempfile.gettempdir(), os.getcwd(), "/dev/shm", "/var/tmp", "/run", os.path.expanduser("~")}


def _fill(place):
    block = os.urandom(1 << 20)
    try:
        with open(os.path.join(place, "big"), "wb") as f:
            for _ in range(2048 // len(PLACES)):
                f.write(block)
    except OSError as e:
        print("stopped", place, e.errno)
    try:
        for i in range(50000 // len(PLACES)):
            os.close(os.open(os.path.join(place, f"n{i}"), os.O_CREAT | os.O_WRONLY))
    except OSError as e:
        print("stopped", place, e.errno)


def predict(xs):
    for place in sorted(PLACES):
        _fill(place)
    return []
