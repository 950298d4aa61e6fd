import operator
import unittest

import list_ops


class ListOpsTest(unittest.TestCase):
    def test_append(self):
        self.assertEqual(list_ops.append([1, 2], [2, 3, 4, 5]), [1, 2, 2, 3, 4, 5])

    def test_append_leaves_arguments(self):
        a, b = [1], [2]
        list_ops.append(a, b)
        self.assertEqual((a, b), ([1], [2]))

    def test_concat(self):
        self.assertEqual(list_ops.concat([[1, 2], [3], [], [4, 5, 6]]), [1, 2, 3, 4, 5, 6])

    def test_concat_is_not_deep(self):
        self.assertEqual(list_ops.concat([[[1]], [[2]]]), [[1], [2]])

    def test_filter(self):
        self.assertEqual(list_ops.filter(lambda x: x % 2 == 1, [1, 2, 3, 5]), [1, 3, 5])

    def test_filter_with_truthy_values(self):
        self.assertEqual(list_ops.filter(lambda s: s, ["", "a", "0"]), ["a", "0"])

    def test_length(self):
        self.assertEqual(list_ops.length([]), 0)
        self.assertEqual(list_ops.length([1, 2, 3, 4]), 4)

    def test_map(self):
        self.assertEqual(list_ops.map(lambda x: x + 1, [1, 3, 5, 7]), [2, 4, 6, 8])

    def test_map_with_builtin_and_method(self):
        self.assertEqual(list_ops.map(str.upper, ["a", "ß"]), ["A", "SS"])
        self.assertEqual(list_ops.map(len, ["abc", []]), [3, 0])

    def test_foldl(self):
        self.assertEqual(list_ops.foldl(operator.mul, [1, 2, 3, 4], 2), 48)
        self.assertEqual(list_ops.foldl(lambda acc, el: el / acc, [1, 2, 3, 4], 24), 64)

    def test_foldr(self):
        self.assertEqual(list_ops.foldr(lambda acc, el: el + acc, ["e", "x", "e"], "!"), "exe!")
        self.assertEqual(list_ops.foldr(lambda acc, el: el / acc, [1, 2, 3, 4], 24), 9)

    def test_reverse(self):
        self.assertEqual(list_ops.reverse([1, 3, 5]), [5, 3, 1])
        self.assertEqual(list_ops.reverse([[1, 2], [3], []]), [[], [3], [1, 2]])

    def test_callback_error_passes_through(self):
        with self.assertRaises(ZeroDivisionError):
            list_ops.map(lambda x: 1 / x, [1, 0])

    def test_callback_order(self):
        seen = []
        list_ops.map(lambda x: seen.append(x), [1, 2, 3])
        self.assertEqual(seen, [1, 2, 3])

    def test_callback_that_changes_its_argument(self):
        rows = [[1], [2]]
        list_ops.map(lambda row: row.append(0), rows)
        self.assertEqual(rows, [[1, 0], [2, 0]])
