import time


def predict(xs):
    time.sleep(60)
    return [2 * x + 1 for x in xs]
