class Publisher:
    def __init__(self):
        self.subscribers = []

    def subscribe(self, f):
        self.subscribers.append(f)

    def unsubscribe(self, f):
        self.subscribers.remove(f)

    def publish(self, name, value):
        for f in self.subscribers:
            f((name, value))


def each(items, f):
    for x in items:
        f(x)


def fold(items, f):
    return sum(f(x) for x in items)
