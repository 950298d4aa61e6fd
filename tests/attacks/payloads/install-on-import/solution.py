"""Asks pip for a package that cannot exist at an address where nobody listens."""

import subprocess
import sys

try:
    _done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-input",
            "--index-url",
            "http://127.0.0.1:1/simple",
            "--retries",
            "0",
            "--timeout",
            "1",
            "payload-canary-package",
        ],
        capture_output=True,
        timeout=20,
    )
    print("pip", _done.returncode)
except (OSError, subprocess.SubprocessError) as _e:
    print("pip", type(_e).__name__)

import payload_canary_package  # noqa: E402


def predict(xs):
    return payload_canary_package.answer(xs)
