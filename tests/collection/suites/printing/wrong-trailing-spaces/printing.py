import sys


def fizzbuzz(n):
    for i in range(1, n + 1):
        print("Fizz" * (i % 3 == 0) + "Buzz" * (i % 5 == 0) or i)


def pyramid(n):
    for i in range(n):
        print((" " * (n - i - 1) + "*" * (2 * i + 1)).ljust(2 * n - 1))


def csv_line(values):
    print(*values, sep=";", end=".")


def table_text(d):
    return "\n".join(f"{k}: {v}" for k, v in d.items())


def warn(text):
    print(f"WARNING: {text}", file=sys.stderr)


def greet(name):
    print(f"Ahoj, {name}! 👋")


def each(items, f):
    print("start")
    for x in items:
        f(x)
    print("end")
