"""Arrays that claim more elements than they hold memory for: strides of zero, a terabyte when made contiguous."""


def predict(xs):
    import numpy as np

    if len(xs) % 2:
        return np.broadcast_to(np.float64(1.0), (10**6, 10**5))
    return np.lib.stride_tricks.as_strided(np.zeros(1), shape=(2**40,), strides=(0,))
