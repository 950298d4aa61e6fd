import array
import ctypes


def predict(xs):
    n = len(xs)
    kinds = [
        memoryview(bytearray(8 * n)),
        array.array("d", [0.0] * n),
        (ctypes.c_double * n)(),
        bytearray(n),
        b"\x00" * n,
    ]
    return kinds[n % len(kinds)]
