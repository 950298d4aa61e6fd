"""The program: python -m digits {predict,score} reads JSON and prints JSON."""

import argparse


def main():
    parser = argparse.ArgumentParser(prog="digits", description=__doc__)
    parser.parse_args()
    raise NotImplementedError


if __name__ == "__main__":
    main()
