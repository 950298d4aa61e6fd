import unittest

from binary_search import find, insert_sorted


class BinarySearchTest(unittest.TestCase):
    def test_one_element(self):
        self.assertEqual(find([6], 6), 0)

    def test_middle(self):
        self.assertEqual(find([1, 3, 4, 6, 8, 9, 11], 6), 3)

    def test_first_and_last(self):
        self.assertEqual(find([1, 3, 4, 6, 8, 9, 11], 1), 0)
        self.assertEqual(find([1, 3, 4, 6, 8, 9, 11], 11), 6)

    def test_strings(self):
        self.assertEqual(find(["ant", "bee", "cat"], "cat"), 2)

    def test_missing(self):
        for haystack, needle in [([], 1), ([1, 3, 4], 2), ([1, 2], 0), ([1, 2], 13)]:
            with self.subTest(haystack=haystack, needle=needle):
                with self.assertRaises(ValueError) as err:
                    find(haystack, needle)
                self.assertEqual(type(err.exception), ValueError)
                self.assertEqual(err.exception.args[0], "value not in array")

    def test_works_on_a_tuple(self):
        self.assertEqual(find((1, 2, 3), 2), 1)

    def test_long_list(self):
        numbers = list(range(0, 20_000, 2))
        self.assertEqual(find(numbers, 13_370), 6_685)


class InsertTest(unittest.TestCase):
    def setUp(self):
        self.numbers = [1, 3, 5]

    def test_insert_changes_the_list(self):
        self.assertIsNone(insert_sorted(self.numbers, 4))
        self.assertEqual(self.numbers, [1, 3, 4, 5])

    def test_insert_at_the_ends(self):
        insert_sorted(self.numbers, 0)
        insert_sorted(self.numbers, 9)
        self.assertEqual(self.numbers, [0, 1, 3, 5, 9])

    def test_insert_into_empty(self):
        empty = []
        insert_sorted(empty, "x")
        self.assertEqual(empty, ["x"])
