class CustomSet:
    def __init__(self, elements=()):
        self.items = []
        for e in elements:
            self.add(e)

    def isempty(self):
        return not self.items

    def __contains__(self, element):
        return element in self.items

    def __len__(self):
        return len(self.items)

    def issubset(self, other):
        return all(x in other for x in self.items)

    def isdisjoint(self, other):
        return not self.intersection(other).items

    def __eq__(self, other):
        return self.issubset(other) and other.issubset(self)

    def add(self, element):
        if element not in self.items:
            self.items.append(element)

    def intersection(self, other):
        return CustomSet(x for x in self.items if x in other)

    def __sub__(self, other):
        return CustomSet(x for x in self.items if x not in other)

    def __add__(self, other):
        self.items += other.items
        return self
