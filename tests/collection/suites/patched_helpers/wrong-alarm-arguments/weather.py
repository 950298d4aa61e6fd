from time import sleep
from time import time as now

UNIT = "C"
ALIASES = {}


def fetch(city):
    raise ConnectionError("no network here")


def report(city):
    try:
        data = fetch(ALIASES.get(city, city))
    except ConnectionError as e:
        return f"{city}: no data ({e})"
    return f"{city}: {data['temp']}°{UNIT}, {data['sky']}"


def is_freezing(city):
    return fetch(city)["temp"] < 0


def stubborn(city, wait=0, times=3):
    for n in range(times):
        try:
            return fetch(city)
        except ConnectionError:
            if n == times - 1:
                raise
            sleep(wait)


def age(stamp):
    return now() - stamp


class Station:
    def __init__(self, name):
        self.name = name

    def read(self):
        raise NotImplementedError

    def average(self, n):
        return sum(self.read() for _ in range(n)) / n


def station_report(name):
    return f"{name} reads {Station(name).average(10)}"


def watch(values, alarm):
    for i, v in enumerate(values):
        if v < 0:
            alarm(v, i)
