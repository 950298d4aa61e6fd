"""An object array whose elements only unpickle; np.load would have to run them."""

import os


class Step:
    def __reduce__(self):
        return os.system, ("echo x > /tmp/payload_canary_object_array",)


def predict(xs):
    try:
        import numpy as np
    except ImportError:
        return [Step()]
    out = np.empty(len(xs), dtype=object)
    out[:] = [Step() for _ in xs]
    return out
