"""`python -m grader.cli`, the same as `grader`: how the service starts its parts."""

from grader.cli.main import main

if __name__ == "__main__":
    main()
