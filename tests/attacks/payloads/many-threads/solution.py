"""At most 3,000 threads that wait for 30 s."""

import threading

STOP = threading.Event()


def predict(xs):
    started = 0
    for _ in range(3000):
        t = threading.Thread(target=STOP.wait, args=(30,), daemon=True)
        try:
            t.start()
        except (RuntimeError, MemoryError) as e:
            print("stopped at", started, type(e).__name__)
            break
        started += 1
    return [started]
