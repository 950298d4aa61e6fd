class EmptyListError(Exception):
    pass


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


class LinkedList:
    def __init__(self, values=()):
        self._head = None
        self._len = 0
        for value in values:
            self.push(value)

    def __len__(self):
        return self._len

    def __iter__(self):
        node = self._head
        while node:
            yield node.value
            node = node.next

    def __reversed__(self):
        return iter(self.reversed())

    def head(self):
        if self._head is None:
            raise EmptyListError("The list is empty.")
        return self._head

    def push(self, value):
        self._head = Node(value, self._head)
        self._len += 1

    def pop(self):
        node = self.head()
        self._head = node.next
        self._len -= 1
        return node.value

    def reversed(self):
        return LinkedList(list(self)[::-1])

    def __repr__(self):
        return f"LinkedList({list(self)!r})"

    def __str__(self):
        return " -> ".join(map(str, self))
