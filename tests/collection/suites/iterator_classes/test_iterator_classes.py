import pytest

from iterators import Countdown, Cycle, Grid, Range2, Take


def test_countdown():
    assert list(Countdown(3)) == [3, 2, 1]


def test_next_by_hand():
    it = iter(Countdown(2))
    assert next(it) == 2
    assert next(it) == 1
    with pytest.raises(StopIteration):
        next(it)


def test_next_default():
    assert next(iter(Countdown(0)), "empty") == "empty"


def test_iterator_is_its_own_iterator():
    c = Countdown(1)
    assert iter(c) is c


def test_exhausted_for_good():
    c = Countdown(2)
    assert list(c) == [2, 1]
    assert list(c) == []


def test_iterable_can_be_used_again():
    r = Range2(3)
    assert list(r) == [0, 1, 2]
    assert list(r) == [0, 1, 2]
    assert iter(r) is not r


def test_two_loops_over_one_iterable():
    r = Range2(2)
    assert [(a, b) for a in r for b in r] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_infinite_cycle():
    c = Cycle("ab")
    assert [next(c) for _ in range(5)] == list("ababa")


def test_cycle_of_nothing():
    assert list(Cycle("")) == []


def test_take_from_an_endless_iterator():
    def naturals():
        n = 0
        while True:
            yield n
            n += 1

    assert list(Take(3, naturals())) == [0, 1, 2]


def test_take_does_not_read_too_far():
    source = iter("abc")
    assert list(Take(2, source)) == ["a", "b"]
    assert next(source) == "c"


def test_sequence_protocol_without_iter():
    g = Grid(2, 2)
    assert list(g) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert (1, 0) in g
    assert (5, 5) not in g


def test_builtin_consumers():
    assert sum(Countdown(4)) == 10
    assert max(Range2(5)) == 4
    assert dict(zip("xy", Range2(2))) == {"x": 0, "y": 1}
    assert "".join(map(str, Countdown(3))) == "321"
    assert sorted(Countdown(3)) == [1, 2, 3]
    a, *b = Range2(4)
    assert (a, b) == (0, [1, 2, 3])


def test_enumerate():
    assert list(enumerate(Countdown(2), start=1)) == [(1, 2), (2, 1)]
