import unittest
from unittest import mock

from lru import LRUCache, cached


class LRUCacheTest(unittest.TestCase):
    def setUp(self):
        self.cache = LRUCache(capacity=2)
        self.cache.put("a", 1)
        self.cache.put("b", 2)

    def test_get(self):
        self.assertEqual(self.cache.get("a"), 1)

    def test_missing_key(self):
        self.assertIsNone(self.cache.get("zzz"))
        self.assertEqual(self.cache.get("zzz", default=-1), -1)

    def test_least_recently_used_is_evicted(self):
        self.cache.get("a")
        self.cache.put("c", 3)
        self.assertIsNone(self.cache.get("b"))
        self.assertEqual(self.cache.get("a"), 1)

    def test_update_refreshes(self):
        self.cache.put("a", 10)
        self.cache.put("c", 3)
        self.assertIn("a", self.cache)
        self.assertNotIn("b", self.cache)

    def test_keys_from_oldest(self):
        self.cache["a"]
        self.assertEqual(self.cache.keys(), ["b", "a"])

    def test_item_syntax(self):
        self.cache["z"] = 26
        self.assertEqual(self.cache["z"], 26)
        with self.assertRaises(KeyError) as err:
            self.cache["a"]
        self.assertEqual(err.exception.args, ("a",))

    def test_delete(self):
        del self.cache["a"]
        self.assertEqual(len(self.cache), 1)

    def test_statistics(self):
        self.cache.get("a")
        self.cache.get("nope")
        self.assertEqual(self.cache.stats, {"hits": 1, "misses": 1})

    def test_capacity_must_be_positive(self):
        for bad in (0, -1):
            with self.subTest(capacity=bad), self.assertRaises(ValueError):
                LRUCache(bad)


class CachedTest(unittest.TestCase):
    def test_computes_once(self):
        slow = mock.Mock(side_effect=lambda x: x * x)
        fast = cached(2)(slow)
        self.assertEqual([fast(3), fast(3), fast(3)], [9, 9, 9])
        slow.assert_called_once_with(3)

    def test_evicts(self):
        calls = []

        @cached(capacity=2)
        def square(x):
            calls.append(x)
            return x * x

        for x in (1, 2, 1, 3, 1, 2):
            square(x)
        self.assertEqual(calls, [1, 2, 3, 2])
