import random
from random import randint


def roll(sides):
    return randint(0, sides)


def double(sides):
    return roll(sides), roll(sides)


def advantage():
    return max(double(20))


class Dice:
    def __init__(self, seed=None, sides=6):
        self.rng = random.Random(seed)
        self.sides = sides

    def roll_many(self, n):
        return [self.rng.randint(1, self.sides) for _ in range(n)]


def monte_carlo_pi(n, seed):
    rng = random.Random(seed)
    return 4 * sum(rng.random() ** 2 + rng.random() ** 2 <= 1 for _ in range(n)) / n


def shuffle_copy(items, seed):
    items = list(items)
    random.Random(seed).shuffle(items)
    return items


def sample(items, k, seed):
    return random.Random(seed).sample(list(items), k)
