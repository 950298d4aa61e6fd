import random

import pytest

from sorting import bubble_sort, insertion_sort, merge_sort, quick_sort

IN_PLACE = [bubble_sort, insertion_sort, quick_sort]


@pytest.fixture
def numbers():
    rng = random.Random(42)
    return [rng.randint(-50, 50) for _ in range(40)]


@pytest.mark.parametrize("sort", IN_PLACE, ids=["bubble", "insertion", "quick"])
class TestInPlace:
    def test_sorts(self, sort, numbers):
        expected = sorted(numbers)
        sort(numbers)
        assert numbers == expected

    def test_returns_none(self, sort):
        assert sort([3, 1, 2]) is None

    def test_same_object(self, sort, numbers):
        alias = numbers
        sort(numbers)
        assert alias is numbers
        assert alias[0] == min(alias)

    def test_edge_cases(self, sort):
        for data in ([], [1], [2, 2, 2], ["b", "a"], [1.5, -1]):
            copy = sorted(data)
            sort(data)
            assert data == copy


class TestMergeSort:
    def test_returns_sorted_copy(self, numbers):
        before = list(numbers)
        result = merge_sort(numbers)
        assert result == sorted(before)
        assert numbers == before, "merge_sort must not change its input"

    def test_is_a_new_list_even_when_sorted(self):
        data = [1, 2, 3]
        result = merge_sort(data)
        assert result == data
        assert result is not data

    def test_single_item_is_copied_too(self):
        data = [1]
        assert merge_sort(data) is not data

    def test_stable(self):
        pairs = [("b", 1), ("a", 1), ("c", 0)]
        assert merge_sort(pairs, key=lambda p: p[1]) == [("c", 0), ("b", 1), ("a", 1)]
