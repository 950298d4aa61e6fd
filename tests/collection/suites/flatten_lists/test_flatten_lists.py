import unittest

from solution import deep_sum, depth, flatten


class FlattenTest(unittest.TestCase):
    def test_empty(self):
        self.assertEqual(flatten([]), [])

    def test_flat(self):
        self.assertEqual(flatten([0, 1, 2]), [0, 1, 2])

    def test_nested(self):
        self.assertEqual(flatten([1, [2, 3, 4, 5, 6, 7], 8]), [1, 2, 3, 4, 5, 6, 7, 8])

    def test_deeply_nested(self):
        self.assertEqual(flatten([0, 2, [[2, 3], 8, [[100]], 4, [[[50]]]], -2]), [0, 2, 2, 3, 8, 100, 4, 50, -2])

    def test_none_is_dropped(self):
        self.assertEqual(flatten([None, [[[None]]], None, None, [[None, None], None]]), [])

    def test_strings_and_tuples_stay_whole(self):
        self.assertEqual(flatten(["ab", [(1, 2), "cd"], {"k": [1]}]), ["ab", (1, 2), "cd", {"k": [1]}])

    def test_result_is_a_list(self):
        self.assertIsInstance(flatten([1, [2]]), list)

    def test_very_deep(self):
        nest = [7]
        for _ in range(200):
            nest = [nest]
        self.assertListEqual(flatten(nest), [7])

    def test_input_is_kept(self):
        data = [1, [2, [3, None]]]
        flatten(data)
        self.assertEqual(data, [1, [2, [3, None]]])


class DepthTest(unittest.TestCase):
    def test_depth(self):
        for data, expected in [([], 1), ([1], 1), ([[]], 2), ([1, [2, [3]], []], 3)]:
            with self.subTest(data=data):
                self.assertEqual(depth(data), expected)

    def test_deep_sum(self):
        self.assertEqual(deep_sum([1, [2, [3, [4.5]]]]), 10.5)
        self.assertEqual(deep_sum({"a": 1, "b": {"c": [2, 3]}}), 6)
