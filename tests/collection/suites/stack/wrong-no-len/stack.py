class Stack:
    def __init__(self):
        self._items = []

    def push(self, item):
        self._items.append(item)
        return self

    def pop(self):
        if not self._items:
            raise IndexError("pop from empty stack")
        return self._items.pop()

    def peek(self):
        return self._items[-1]

    def is_empty(self):
        return not self._items

    def clear(self):
        self._items.clear()

    def __iter__(self):
        return iter(self._items[::-1])

    def __contains__(self, item):
        return item in self._items
