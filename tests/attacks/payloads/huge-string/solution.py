"""One string of at most 512 MB."""


def predict(xs):
    return "🦆" * (128 * 1024 * 1024)
