import unittest

from custom_set import CustomSet


class CustomSetTest(unittest.TestCase):
    def test_isempty(self):
        self.assertIs(CustomSet().isempty(), True)
        self.assertIs(CustomSet([1]).isempty(), False)

    def test_contains(self):
        self.assertIn(1, CustomSet([1, 2, 3]))
        self.assertNotIn(4, CustomSet([1, 2, 3]))
        self.assertNotIn(1, CustomSet())

    def test_issubset(self):
        for a, b, expected in [
            ([], [], True),
            ([], [1], True),
            ([1], [], False),
            ([1, 2], [2, 1], True),
            ([1, 3], [1, 2], False),
        ]:
            with self.subTest(a=a, b=b):
                self.assertIs(CustomSet(a).issubset(CustomSet(b)), expected)

    def test_isdisjoint(self):
        self.assertTrue(CustomSet([1, 2]).isdisjoint(CustomSet([3])))
        self.assertFalse(CustomSet([1, 2]).isdisjoint(CustomSet([2, 3])))

    def test_equal(self):
        self.assertEqual(CustomSet(), CustomSet())
        self.assertEqual(CustomSet([1, 2]), CustomSet([2, 1]))
        self.assertEqual(CustomSet([1, 1]), CustomSet([1]))

    def test_not_equal(self):
        self.assertNotEqual(CustomSet([1, 2, 3]), CustomSet([1, 2]))
        self.assertNotEqual(CustomSet(), CustomSet([1]))

    def test_add(self):
        sut = CustomSet([1, 2])
        sut.add(3)
        sut.add(1)
        self.assertEqual(sut, CustomSet([1, 2, 3]))

    def test_intersection(self):
        self.assertEqual(CustomSet([1, 2, 3]).intersection(CustomSet([3, 2, 5])), CustomSet([2, 3]))

    def test_difference(self):
        self.assertEqual(CustomSet([3, 2, 1]) - CustomSet([2, 4]), CustomSet([1, 3]))

    def test_union(self):
        self.assertEqual(CustomSet([1, 3]) + CustomSet([2]), CustomSet([3, 2, 1]))

    def test_operations_leave_operands(self):
        a, b = CustomSet([1]), CustomSet([2])
        a + b
        a - b
        self.assertEqual((len(a), len(b)), (1, 1))
