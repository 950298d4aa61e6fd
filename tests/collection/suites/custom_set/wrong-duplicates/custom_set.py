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
        return sorted(self.items) == sorted(other.items)

    def add(self, element):
        self.items.append(element)

    def intersection(self, other):
        return CustomSet(x for x in self.items if x in other)

    def __sub__(self, other):
        return CustomSet(x for x in self.items if x not in other)

    def __add__(self, other):
        return CustomSet([*self.items, *other.items])
