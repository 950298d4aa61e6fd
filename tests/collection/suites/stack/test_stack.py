import pytest

from stack import Stack


@pytest.fixture
def stack():
    return Stack()


@pytest.fixture
def full():
    s = Stack()
    for x in ("a", 2, None):
        s.push(x)
    return s


def test_new_stack_is_empty(stack):
    assert stack.is_empty() is True
    assert len(stack) == 0
    assert not stack


def test_push_makes_it_truthy(stack):
    stack.push(0)
    assert stack
    assert len(stack) == 1


def test_lifo(full):
    assert [full.pop() for _ in range(3)] == [None, 2, "a"]


def test_peek_keeps(full):
    assert full.peek() is None
    assert len(full) == 3


def test_pop_empty(stack):
    with pytest.raises(IndexError, match="pop from empty stack"):
        stack.pop()


def test_peek_empty(stack):
    with pytest.raises(IndexError):
        stack.peek()


def test_iterates_from_the_top(full):
    assert list(full) == [None, 2, "a"]


def test_iteration_does_not_consume(full):
    list(full)
    assert len(full) == 3


def test_contains(full):
    assert 2 in full
    assert "z" not in full


def test_stacks_are_independent(stack, full):
    stack.push(9)
    assert 9 not in full


def test_push_returns_self_for_chaining(stack):
    assert stack.push(1) is stack
    assert list(stack.push(2).push(3)) == [3, 2, 1]


def test_clear(full):
    full.clear()
    assert full.is_empty()


def test_holds_other_stacks(stack, full):
    stack.push(full)
    assert stack.peek() is full
