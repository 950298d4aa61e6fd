from contextlib import contextmanager


class Connection:
    def __init__(self, name):
        self.name = name
        self.open = False

    def __enter__(self):
        self.open = True
        return self

    def __exit__(self, *exc):
        self.open = False

    def query(self, sql):
        if not self.open:
            raise ConnectionError("closed")


class Tracker:
    seen = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.seen = kind.__name__ if kind else None
        return False


class suppress:
    def __init__(self, *kinds):
        self.kinds = kinds

    def __enter__(self):
        return None

    def __exit__(self, kind, value, trace):
        return kind is not None and issubclass(kind, self.kinds)


class Transaction:
    def __init__(self, data):
        self.data = data

    def __enter__(self):
        self.draft = {}
        return self

    def __setitem__(self, key, value):
        self.draft[key] = value

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.data.update(self.draft)


@contextmanager
def tag(name, out):
    out.append(f"<{name}>")
    try:
        yield
    finally:
        out.append(f"</{name}>")
