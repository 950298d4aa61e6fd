import types
from itertools import islice, takewhile

import pytest

from solution import chunks, fibonacci, primes, sliding, zip_longest_with


def test_first_primes():
    assert list(islice(primes(), 10)) == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


def test_is_lazy_and_infinite():
    gen = primes()
    assert next(gen) == 2
    assert next(gen) == 3
    assert iter(gen) is gen


def test_is_a_generator():
    assert isinstance(primes(), types.GeneratorType)


def test_two_generators_are_independent():
    a, b = primes(), primes()
    next(a), next(a)
    assert next(b) == 2
    assert next(a) == 5


def test_takewhile():
    assert list(takewhile(lambda x: x < 50, fibonacci())) == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]


def test_for_loop_with_break():
    seen = []
    for p in primes():
        if p > 12:
            break
        seen.append(p)
    assert seen == [2, 3, 5, 7, 11]


def test_chunks():
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks([], 3)) == []


def test_chunks_of_zero():
    with pytest.raises(ValueError):
        list(chunks([1], 0))


def test_sliding_over_an_iterator():
    assert list(sliding(iter("abcd"), 2)) == [("a", "b"), ("b", "c"), ("c", "d")]


def test_sliding_over_infinite_input_is_lazy():
    assert list(islice(sliding(fibonacci(), 3), 2)) == [(0, 1, 1), (1, 1, 2)]


def test_exhausted_generator_stops():
    gen = chunks([1], 1)
    assert next(gen) == [1]
    with pytest.raises(StopIteration):
        next(gen)


def test_zip_longest():
    assert dict(zip_longest_with("ab", [1], 0)) == {"a": 1, "b": 0}
