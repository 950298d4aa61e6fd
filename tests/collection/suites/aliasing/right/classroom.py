import copy


class Classroom:
    def __init__(self, students):
        self._students = list(students)

    @property
    def students(self):
        return list(self._students)

    @property
    def roster(self):
        return self._students

    def add(self, name):
        self._students.append(name)

    def swap(self, other):
        self._students, other._students = other._students, self._students

    def __len__(self):
        return len(self._students)

    @staticmethod
    def seating(rows, columns):
        return [[None] * columns for _ in range(rows)]


class Inventory:
    def __init__(self, stock):
        self.stock = stock

    def add(self, item, n):
        self.stock[item] = self.stock.get(item, 0) + n

    def count(self, item):
        return self.stock.get(item, 0)

    def snapshot(self):
        return dict(self.stock)


class Config:
    DEFAULTS = {"paths": [], "debug": False}

    def __init__(self):
        self.options = copy.deepcopy(self.DEFAULTS)


class History:
    def __init__(self):
        self.states = []

    def record(self, state):
        self.states.append(copy.deepcopy(state))

    def undo(self):
        return self.states.pop() if self.states else None
