"""At most 400 children that sleep for 30 s."""

import os
import time


def predict(xs):
    made = 0
    while made < 400:
        try:
            pid = os.fork()
        except OSError as e:
            print("refused after", made, e.errno)
            break
        if pid == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
    print("children", made)
    return []
