"""Leaves with status 0 while it is imported, by the polite way, then by the rude one."""

import atexit
import os

atexit.register(os._exit, 0)
raise SystemExit(0)
