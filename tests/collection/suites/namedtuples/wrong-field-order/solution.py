from collections import namedtuple
from typing import NamedTuple

Book = namedtuple("Book", "author title price")
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
