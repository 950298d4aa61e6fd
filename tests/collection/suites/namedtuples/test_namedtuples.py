import pytest

from solution import Book, Rating, cheapest, parse_rows, summary


ROWS = ["Dune;Herbert;9.5", "Emma;Austen;7.25", "Ulysses;Joyce;12"]


@pytest.fixture(scope="module")
def books():
    return parse_rows(ROWS)


def test_count(books):
    assert isinstance(books, list)
    assert len(books) == 3


def test_fields(books):
    assert books[0].title == "Dune"
    assert books[0].price == 9.5
    assert books[-1].author == "Joyce"


def test_is_a_tuple(books):
    title, author, price = books[1]
    assert (title, author, price) == ("Emma", "Austen", 7.25)
    assert books[1] == ("Emma", "Austen", 7.25)
    assert isinstance(books[1], tuple)
    assert books[1][0] == "Emma"


def test_field_names():
    assert Book._fields == ("title", "author", "price")


def test_construct_in_the_test():
    b = Book("A", "B", 1.0)
    assert b.title == "A"
    assert b._replace(price=2.0).price == 2.0
    assert b._asdict() == {"title": "A", "author": "B", "price": 1.0}


def test_immutable(books):
    with pytest.raises(AttributeError):
        books[0].price = 0


def test_cheapest(books):
    assert cheapest(books) == Book("Emma", "Austen", 7.25)
    assert cheapest([Book("x", "y", 3.0), Book("z", "y", 1.0)]).title == "z"


def test_default_field():
    assert Rating("Dune").stars == 3
    assert Rating("Dune", 5).stars == 5


def test_summary():
    result = summary([1, 2, 3, 10])
    assert result.low == 1
    assert result.high == 10
    assert result == (1, 10, 4.0)


def test_hash_and_sort(books):
    assert {books[0]: 1}[Book("Dune", "Herbert", 9.5)] == 1
    assert sorted(books)[0].title == "Dune"
