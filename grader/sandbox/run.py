"""First program of a container, copied to /opt/grader: `run.py candidate` or `run.py examiner`."""

import importlib
import sys

if __name__ == "__main__":
    sys.path.insert(0, "/opt/grader")
    importlib.import_module(f"grader.exam.{sys.argv[1]}").main()
