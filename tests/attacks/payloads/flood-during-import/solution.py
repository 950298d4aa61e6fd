"""At most 64 MB of lines before any call was made."""

import sys

for _ in range(64):
    sys.stdout.write(("warning: deprecated\n" * 52429)[: 1 << 20])


def predict(xs):
    return []
