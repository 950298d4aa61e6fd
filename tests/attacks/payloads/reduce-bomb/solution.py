"""Would run a command where the value is pickled, unpickled, deep-copied or JSON-encoded by a friendly default."""

import os
import subprocess

COMMAND = "echo x > /tmp/payload_canary_reduce"


class Loaded(tuple):
    def __reduce_ex__(self, protocol):
        return subprocess.call, (["/bin/sh", "-c", COMMAND],)

    def __deepcopy__(self, memo):
        return self

    def __getstate__(self):
        return {"x": os.getcwd()}

    def __iter__(self):
        raise RuntimeError("no iteration")


def predict(xs):
    return Loaded()
