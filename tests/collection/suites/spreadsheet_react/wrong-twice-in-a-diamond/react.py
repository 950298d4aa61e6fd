class InputCell:
    def __init__(self, value):
        self._value = value
        self.dependents = []

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = value
        todo = list(self.dependents)
        cells = []
        while todo:
            cell = todo.pop(0)
            cells.append(cell)
            todo = cell.dependents + todo
        for cell in cells:
            cell.recompute()
            cell.notify()


class ComputeCell:
    def __init__(self, inputs, function):
        self.inputs = inputs
        self.function = function
        self.dependents = []
        self.callbacks = []
        for cell in inputs:
            cell.dependents.append(self)
        self.recompute()
        self.last = self.value

    def recompute(self):
        self.value = self.function([c.value for c in self.inputs])

    def notify(self):
        if self.value != self.last:
            self.last = self.value
            for callback in list(self.callbacks):
                callback(self.value)

    def add_callback(self, callback):
        self.callbacks.append(callback)

    def remove_callback(self, callback):
        if callback in self.callbacks:
            self.callbacks.remove(callback)
