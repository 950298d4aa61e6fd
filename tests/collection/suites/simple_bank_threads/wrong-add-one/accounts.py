import threading


class SafeCounter:
    def __init__(self):
        self.value = 0
        self._lock = threading.Lock()

    def add(self, n=1):
        with self._lock:
            self.value += 1


def parallel_map(f, items):
    return [f(x) for x in items]


class TaskQueue:
    def __init__(self):
        self.tasks = []
        self.results = []
        self.failures = []

    def put(self, task):
        self.tasks.append(task)

    def run(self):
        for task in self.tasks:
            try:
                self.results.append(task())
            except Exception as e:
                self.failures.append(e)
        return len(self.results)
