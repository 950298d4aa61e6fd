class BufferFullException(BufferError):
    """Writing to a full buffer."""

    def __init__(self, message):
        self.message = message


class BufferEmptyException(BufferError):
    """Reading from an empty buffer."""

    def __init__(self, message):
        self.message = message


class CircularBuffer:
    def __init__(self, capacity):
        self.capacity = capacity
        self.items = []

    def read(self):
        if not self.items:
            raise BufferEmptyException("Circular buffer is empty")
        return self.items.pop(0)

    def write(self, data):
        if len(self.items) == self.capacity:
            raise BufferError("Circular buffer is full")
        self.items.append(data)

    def overwrite(self, data):
        if len(self.items) == self.capacity:
            self.items.pop(0)
        self.items.append(data)

    def clear(self):
        self.items.clear()
