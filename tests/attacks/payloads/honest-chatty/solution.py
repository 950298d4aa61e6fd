"""Noisy but legitimate: prints, a thread, a child process, a temporary file, a warning, a numpy result."""

import logging
import os
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor

logging.basicConfig(level=logging.INFO)
logging.info("weights loaded")
print("ready ✓")
warnings.warn("this model is a toy", UserWarning, stacklevel=1)


def predict(xs):
    sys.stderr.write(f"{len(xs)} inputs\n")
    print("x" * 5000)
    print('{"verdict": "failed", "id": 0}')
    with ThreadPoolExecutor(2) as pool:
        ys = list(pool.map(lambda x: 2.0 * x + 1.0, xs))
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=False)
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "cache.txt"), "w") as f:
            f.write(repr(ys))
    try:
        import numpy
    except ImportError:
        return ys
    return numpy.array(ys)
