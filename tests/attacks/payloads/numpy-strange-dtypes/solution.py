def predict(xs):
    import numpy as np

    kinds = [np.dtype("V8"), np.dtype("O"), np.dtype("M8[ns]"), np.dtype([("a", "O"), ("b", "f8")]), np.dtype("S3")]
    return np.zeros(len(xs), dtype=kinds[len(xs) % len(kinds)])
