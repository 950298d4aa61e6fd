import unittest

from linked_list import EmptyListError, LinkedList, Node


class NodeTest(unittest.TestCase):
    def test_value_and_next(self):
        tail = Node(2)
        head = Node(1, tail)
        self.assertEqual(head.value, 1)
        self.assertIs(head.next, tail)
        self.assertIsNone(tail.next)

    def test_relink(self):
        a, b = Node("a"), Node("b")
        a.next = b
        self.assertEqual(a.next.value, "b")
        self.assertIs(a.next, b)
        a.next = None
        self.assertIsNone(a.next)


class LinkedListTest(unittest.TestCase):
    def setUp(self):
        self.sut = LinkedList([1, 2, 3])

    def test_empty_list_has_len_zero(self):
        self.assertEqual(len(LinkedList()), 0)

    def test_non_empty_has_correct_len(self):
        self.assertEqual(len(self.sut), 3)

    def test_error_on_empty_list_head(self):
        with self.assertRaises(EmptyListError) as err:
            LinkedList().head()
        self.assertEqual(err.exception.args, ("The list is empty.",))

    def test_head_is_a_node(self):
        self.assertIsInstance(self.sut.head(), Node)
        self.assertEqual(self.sut.head().value, 1)
        self.assertEqual(self.sut.head().next.next.value, 3)

    def test_head_is_always_the_same_node(self):
        self.assertIs(self.sut.head(), self.sut.head())

    def test_push_and_pop(self):
        self.sut.push(0)
        self.assertEqual(self.sut.pop(), 0)
        self.assertEqual(len(self.sut), 3)
        self.assertEqual(list(self.sut), [1, 2, 3])

    def test_iterable_twice(self):
        self.assertEqual([x * 10 for x in self.sut], [10, 20, 30])
        self.assertEqual(sum(self.sut), 6)

    def test_reversed_is_a_new_list(self):
        back = self.sut.reversed()
        self.assertIsInstance(back, LinkedList)
        self.assertEqual(list(back), [3, 2, 1])
        self.assertEqual(list(self.sut), [1, 2, 3])
        self.assertIsNot(back, self.sut)

    def test_builtin_reversed(self):
        self.assertEqual(list(reversed(self.sut)), [3, 2, 1])

    def test_repr(self):
        self.assertEqual(repr(self.sut), "LinkedList([1, 2, 3])")
        self.assertEqual(str(LinkedList(["a"])), "a")

    def test_unpacking(self):
        first, *rest = self.sut
        self.assertEqual((first, rest), (1, [2, 3]))

    def test_in(self):
        self.assertIn(2, self.sut)
        self.assertNotIn(9, self.sut)
