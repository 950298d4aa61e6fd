def append_to(item, target=None):
    if target is None:
        target = []
    target.append(item)
    return target


def tally(text, counts=None):
    counts = {} if counts is None else counts
    for ch in text:
        counts[ch] = counts.get(ch, 0) + 1
    return counts


def log_event(name, tags=None):
    return {"name": name, "tags": [] if tags is None else tags}


class Basket:
    owner = None

    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
