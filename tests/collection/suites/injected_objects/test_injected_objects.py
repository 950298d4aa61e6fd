from unittest.mock import Mock

import pytest

from service import Cart, ReportService, copy_lines


class FakeClock:
    def __init__(self, now):
        self.now = now

    def time(self):
        return self.now


class FakeRepository:
    def __init__(self, rows):
        self.rows = rows
        self.saved = []

    def all(self):
        return self.rows

    def save(self, row):
        self.saved.append(row)


class Item:
    def __init__(self, name, price):
        self.name = name
        self.price = price


@pytest.fixture
def repository():
    return FakeRepository([{"id": 1, "amount": 10}, {"id": 2, "amount": 32}])


def test_total(repository):
    assert ReportService(repository, FakeClock(0)).total() == 42


def test_saves_with_the_time(repository):
    ReportService(repository, FakeClock(1234)).close_day()
    assert repository.saved == [{"time": 1234, "total": 42}]


def test_clock_is_asked_each_time(repository):
    clock = FakeClock(1)
    service = ReportService(repository, clock)
    service.close_day()
    clock.now = 2
    service.close_day()
    assert [row["time"] for row in repository.saved] == [1, 2]


def test_mock_collaborator():
    repository = Mock()
    repository.all.return_value = [{"amount": 5}]
    ReportService(repository, FakeClock(7)).close_day()
    repository.save.assert_called_once_with({"time": 7, "total": 5})


def test_mock_that_raises():
    repository = Mock()
    repository.all.side_effect = OSError("disk")
    with pytest.raises(OSError, match="disk"):
        ReportService(repository, FakeClock(0)).total()


def test_items_defined_in_the_test():
    cart = Cart()
    cart.add(Item("pen", 2.5))
    cart.add(Item("ink", 4))
    assert cart.total == 6.5
    assert cart.names() == ["pen", "ink"]


def test_cart_returns_the_same_object():
    item = Item("pen", 1)
    cart = Cart()
    cart.add(item)
    assert cart.cheapest() is item


def test_file_like_objects():
    import io

    source, target = io.StringIO("a\nb\n"), io.StringIO()
    assert copy_lines(source, target) == 2
    assert target.getvalue() == "A\nB\n"
