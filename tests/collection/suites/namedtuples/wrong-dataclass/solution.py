from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, order=True)
class Book:
    title: str
    author: str
    price: float


Summary = namedtuple("Summary", ["low", "high", "mean"])


class Rating(NamedTuple):
    title: str
    stars: int = 3


def parse_rows(rows):
    books = []
    for row in rows:
        title, author, price = row.split(";")
        books.append(Book(title, author, float(price)))
    return books


def cheapest(books):
    return min(books, key=lambda b: b.price)


def summary(numbers):
    return Summary(min(numbers), max(numbers), sum(numbers) / len(numbers))
