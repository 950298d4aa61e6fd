import pytest

from pq import PriorityQueue, k_largest, merge_sorted


def test_smallest_first():
    q = PriorityQueue()
    for n in (5, 1, 4, 1):
        q.push(n)
    assert [q.pop() for _ in range(len(q))] == [1, 1, 4, 5]


def test_key_function():
    q = PriorityQueue(key=len)
    for word in ("ccc", "a", "bb"):
        q.push(word)
    assert list(q) == ["a", "bb", "ccc"]


def test_lambda_key_reverses():
    q = PriorityQueue([1, 3, 2], key=lambda x: -x)
    assert q.pop() == 3


def test_ties_keep_insertion_order():
    q = PriorityQueue(key=lambda job: job["priority"])
    q.push({"name": "x", "priority": 1})
    q.push({"name": "y", "priority": 0})
    q.push({"name": "z", "priority": 1})
    assert [q.pop()["name"] for _ in range(3)] == ["y", "x", "z"]


def test_empty():
    q = PriorityQueue()
    assert not q
    with pytest.raises(IndexError):
        q.pop()


def test_peek():
    q = PriorityQueue([2, 1])
    assert q.peek() == 1
    assert len(q) == 2


def test_initial_list_is_not_changed():
    items = [3, 1, 2]
    q = PriorityQueue(items)
    q.pop()
    q.push(99)
    assert items == [3, 1, 2]


def test_key_error_from_callback_reaches_the_test():
    q = PriorityQueue(key=lambda d: d["missing"])
    with pytest.raises(KeyError):
        q.push({})


def test_k_largest():
    assert k_largest([5, 1, 9, 7], 2) == [9, 7]
    assert k_largest(["bb", "a", "cccc"], 1, key=len) == ["cccc"]
    assert k_largest([], 3) == []


def test_merge_sorted_is_lazy():
    def endless(step):
        n = 0
        while True:
            yield n
            n += step

    merged = merge_sorted(endless(2), endless(5))
    assert [next(merged) for _ in range(6)] == [0, 0, 2, 4, 5, 6]
