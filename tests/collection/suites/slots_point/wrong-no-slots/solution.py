class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def _coords(self):
        return self.x, self.y

    def move(self, dx, dy):
        self.x += dx
        self.y += dy
        return self

    def copy(self):
        return Point(self.x, self.y)

    def distance(self, other):
        return sum((a - b) ** 2 for a, b in zip(self._coords(), other._coords())) ** 0.5


class Point3D(Point):
    __slots__ = ("z",)

    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z

    def _coords(self):
        return self.x, self.y, self.z


def nearest(points, to):
    return min(points, key=to.distance, default=None)
