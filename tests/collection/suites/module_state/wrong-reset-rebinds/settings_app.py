import math

VERSION = (1, 2, 3)
DEFAULTS = {"lang": "en", "size": 10}
PI = math.pi
NOTHING = None
ENABLED = True
PRIMES = [n for n in range(2, 100) if all(n % d for d in range(2, n))]

counter = 0
registry = []


def reset():
    global counter
    counter = 0


def increment(by=1):
    global counter
    counter += by
    return counter


def register(name):
    registry.append(name)


def registered(name):
    return name in registry


def greeting():
    return {"en": "Hello", "cs": "Ahoj"}[DEFAULTS["lang"]]


def has_temporary():
    return "temporary" in globals()
