from collections import deque


class TreeNode:
    def __init__(self, data, left=None, right=None):
        self.data = data
        self.left = left
        self.right = right

    def __str__(self):
        return f"TreeNode({self.data}, {self.left}, {self.right})"


class BinarySearchTree:
    def __init__(self, values):
        self.root = None
        for value in values:
            self.insert(value)

    def insert(self, value):
        if self.root is None:
            self.root = TreeNode(value)
            return
        node = self.root
        while True:
            side = "left" if value <= node.data else "right"
            child = getattr(node, side)
            if child is None:
                setattr(node, side, TreeNode(value))
                return
            node = child

    def data(self):
        return self.root

    def _walk(self, node):
        if node:
            yield from self._walk(node.left)
            yield node.data
            yield from self._walk(node.right)

    def sorted_data(self):
        return list(self._walk(self.root))

    def height(self, node=0):
        node = self.root if node == 0 else node
        return 1 + max(self.height(node.left), self.height(node.right)) if node else 0

    def breadth_first(self):
        todo = deque([self.root])
        while todo:
            node = todo.popleft()
            if node:
                yield node.data
                todo += [node.left, node.right]

    def map(self, f):
        return [f(x) for x in self._walk(self.root)]
