NORTH, EAST, SOUTH, WEST = range(4)
STEPS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


class Robot:
    def __init__(self, direction=NORTH, x=0, y=0):
        self.direction = direction
        self.coordinates = (x, y)

    def move(self, instructions):
        if set(instructions) - set("RLA"):
            raise ValueError("unknown instruction")
        for i in instructions:
            if i == "R":
                self.direction = self.direction + 1
            elif i == "L":
                self.direction = (self.direction - 1) % 4
            else:
                dx, dy = STEPS[self.direction]
                x, y = self.coordinates
                self.coordinates = (x + dx, y + dy)
