import argparse
import sys

OPS = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b}


def main(argv=None):
    parser = argparse.ArgumentParser(prog="app")
    parser.add_argument("a", type=int)
    parser.add_argument("b", type=int)
    parser.add_argument("--op", choices=OPS, default="add")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args(argv)
    if args.verbose:
        print(f"adding {args.a} and {args.b}")
    try:
        print(OPS[args.op](args.a, args.b))
    except ZeroDivisionError:
        raise SystemExit("cannot divide by zero")
    return 0


def quit_game():
    sys.exit()


if __name__ == "__main__":
    sys.exit(main())
