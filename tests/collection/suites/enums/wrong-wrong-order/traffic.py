from enum import Enum, Flag, IntEnum


class Color(Enum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"

    def next(self):
        return {Color.RED: Color.YELLOW, Color.YELLOW: Color.GREEN, Color.GREEN: Color.RED}[self]

    @property
    def is_stop(self):
        return self is Color.RED


class Level(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Permission(Flag):
    READ = 1
    WRITE = 2
    EXEC = 4


class Light:
    def __init__(self, state=Color.RED):
        if not isinstance(state, Color):
            raise TypeError("state must be a Color")
        self.state = state

    def tick(self):
        self.state = self.state.next()
