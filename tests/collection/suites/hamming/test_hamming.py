import unittest

from hamming import distance, nearest


class HammingTest(unittest.TestCase):
    def test_empty(self):
        self.assertEqual(distance("", ""), 0)

    def test_identical(self):
        self.assertEqual(distance("A", "A"), 0)

    def test_different(self):
        self.assertEqual(distance("GGACGGATTCTG", "AGGACGGATTCT"), 9)

    def test_first_longer(self):
        with self.assertRaises(ValueError) as err:
            distance("AATG", "AAA")
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "Strands must be of equal length.")

    def test_second_empty(self):
        with self.assertRaises(ValueError):
            distance("G", "")

    def test_works_on_lists_and_bytes(self):
        self.assertEqual(distance([1, None, 3], [1, 2, 3]), 1)
        self.assertEqual(distance(b"abc", b"abd"), 1)

    def test_surrogates_and_astral_characters(self):
        self.assertEqual(distance("a😀b", "a😀c"), 1)
        self.assertEqual(distance("é", "e"), 1)

    def test_nearest(self):
        self.assertEqual(nearest("cat", ["dog", "cut", "mat"]), ("cut", 1))

    def test_nearest_without_words(self):
        self.assertEqual(nearest("cat", []), (None, None))
