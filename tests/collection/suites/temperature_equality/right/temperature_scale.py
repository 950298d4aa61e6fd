from functools import total_ordering


@total_ordering
class Celsius:
    def __init__(self, degrees):
        self.degrees = degrees

    def __eq__(self, other):
        return self.degrees == getattr(other, "degrees", other)

    def __lt__(self, other):
        return self.degrees < getattr(other, "degrees", other)

    def __hash__(self):
        return hash(self.degrees)


class Name:
    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return self.text.lower() == str(other).lower()

    def __str__(self):
        return self.text
