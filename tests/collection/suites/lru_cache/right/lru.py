class LRUCache:
    def __init__(self, capacity):
        if capacity < 1:
            raise ValueError("capacity must be positive")
        self.capacity = capacity
        self.stats = {"hits": 0, "misses": 0}
        self._data = {}

    def get(self, key, default=None):
        if key not in self._data:
            self.stats["misses"] += 1
            return default
        self.stats["hits"] += 1
        return self[key]

    def put(self, key, value):
        self._data.pop(key, None)
        self._data[key] = value
        if len(self._data) > self.capacity:
            del self._data[next(iter(self._data))]

    def __getitem__(self, key):
        self._data[key] = value = self._data.pop(key)
        return value

    __setitem__ = put

    def __delitem__(self, key):
        del self._data[key]

    def __contains__(self, key):
        return key in self._data

    def __len__(self):
        return len(self._data)

    def keys(self):
        return list(self._data)


def cached(capacity):
    def decorate(f):
        cache = LRUCache(capacity)

        def wrapper(x):
            if x not in cache:
                cache[x] = f(x)
            return cache[x]

        return wrapper

    return decorate
