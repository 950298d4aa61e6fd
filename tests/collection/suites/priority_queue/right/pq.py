import heapq


class PriorityQueue:
    def __init__(self, items=(), key=None):
        self._key = key or (lambda x: x)
        self._heap = []
        self._n = 0
        for item in items:
            self.push(item)

    def push(self, item):
        heapq.heappush(self._heap, (self._key(item), self._n, item))
        self._n += 1

    def pop(self):
        return heapq.heappop(self._heap)[2]

    def peek(self):
        return self._heap[0][2]

    def __len__(self):
        return len(self._heap)

    def __iter__(self):
        return (item for _, _, item in sorted(self._heap))


def k_largest(items, k, key=None):
    return sorted(items, key=key, reverse=True)[:k]


def merge_sorted(a, b):
    return heapq.merge(a, b)
