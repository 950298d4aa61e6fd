class EventBus:
    def __init__(self):
        self._listeners = {}
        self.errors = []

    def on(self, event, callback):
        self._listeners.setdefault(event, []).append(callback)

    def off(self, event, callback):
        self._listeners.get(event, []).remove(callback)

    def listener(self, event):
        def register(f):
            self.on(event, f)
            return f

        return register

    def emit(self, event, data):
        listeners = self._listeners.get(event, [])
        for callback in listeners:
            try:
                callback(data)
            except Exception as e:
                self.errors.append(f"{type(e).__name__}: {e}")
                break
        return len(listeners)


class Observable:
    def __init__(self, value):
        self.value = value
        self._subscribers = []

    def subscribe(self, f):
        self._subscribers.append(f)

    def set(self, value):
        old, self.value = self.value, value
        if old != value:
            for f in self._subscribers:
                f(old, value)


class Thermostat:
    def __init__(self, target, on_heat):
        self.target = target
        self.on_heat = on_heat
        self.heating = False

    def measure(self, temperature):
        needed = temperature < self.target
        if needed != self.heating:
            self.heating = needed
            self.on_heat(needed)
