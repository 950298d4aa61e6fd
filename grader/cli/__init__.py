"""The `grader` command: `main` reads the arguments, each module beside it is one command."""

from grader.cli.main import main

__all__ = ["main"]
