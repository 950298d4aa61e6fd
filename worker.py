"""A worker: `python worker.py` grades submissions from the queue until it is stopped. Start as many as there are cores.

It needs the queue (`grader serve`, or GRADER_REDIS_URL) and the launcher; all settings are GRADER_* variables.
"""

from __future__ import annotations

from grader.jobs import work

if __name__ == "__main__":
    work()
