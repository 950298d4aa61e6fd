from collections import OrderedDict, defaultdict, deque
from datetime import datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def invoice(lines):
    total = sum((price * n for _, price, n in lines), Decimal(0))
    return total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def egyptian(f):
    out = []
    while f:
        unit = Fraction(1, -(-f.denominator // f.numerator))
        out.append(unit)
        f -= unit
    return out


def harmonic(n):
    return sum(Fraction(1, k) for k in range(1, n + 1))


def by_initial(names):
    groups = defaultdict(list)
    for name in names:
        groups[name[0]].append(name)
    return groups


def last(n, items):
    return deque(items, maxlen=n)


def ranking(scores):
    return OrderedDict(sorted(scores.items(), key=lambda kv: -kv[1]))


def next_weekday(day):
    day += timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def meeting(text, minutes):
    start = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
    return start, timedelta(minutes=minutes)


def opening(day):
    return None if day == "sun" else time(8, 30)


def roots(a, b, c):
    d = complex(b * b - 4 * a * c) ** 0.5
    d = complex(round(d.real, 12), round(d.imag, 12))
    return (-b + d) / (2 * a), (-b - d) / (2 * a)


def page(number, size):
    return list(range((number - 1) * size, number * size))


def window(n):
    return slice(n)


def same(x):
    return x
