class ReportService:
    def __init__(self, repository, clock):
        self.repository = repository
        self.clock = clock

    def total(self):
        return sum(row["amount"] for row in self.repository.all())

    def close_day(self):
        for _ in range(2):
            self.repository.save({"time": self.clock.time(), "total": self.total()})


class Cart:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)

    @property
    def total(self):
        return sum(i.price for i in self.items)

    def names(self):
        return [i.name for i in self.items]

    def cheapest(self):
        return min(self.items, key=lambda i: i.price)


def copy_lines(source, target):
    n = 0
    for line in source:
        target.write(line.upper())
        n += 1
    return n
