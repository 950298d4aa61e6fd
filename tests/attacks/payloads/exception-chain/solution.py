"""A chain of 2,000 causes that ends where it began, and a message of 50 MB."""


def predict(xs):
    first = last = ValueError("v" * 50_000_000)
    for i in range(2000):
        nxt = RuntimeError(i)
        nxt.__cause__ = last
        nxt.__context__ = last
        last = nxt
    first.__cause__ = last
    first.payload = first
    raise last
