class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


class Range2:
    def __init__(self, stop):
        self.stop = stop

    def __iter__(self):
        n = 0
        while n < self.stop:
            yield n
            n += 1


class Cycle:
    def __init__(self, items):
        self.items = list(items) or [None][:0] or [0]
        self.i = -1

    def __iter__(self):
        return self

    def __next__(self):
        if not self.items:
            return None
        self.i = (self.i + 1) % len(self.items)
        return self.items[self.i]


class Take:
    def __init__(self, n, source):
        self.n = n
        self.source = source

    def __iter__(self):
        for _ in range(self.n):
            yield next(self.source)


class Grid:
    def __init__(self, h, w):
        self.h, self.w = h, w

    def __getitem__(self, i):
        if i >= self.h * self.w:
            raise IndexError(i)
        return divmod(i, self.w)
