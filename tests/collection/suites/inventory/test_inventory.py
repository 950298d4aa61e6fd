import unittest

from inventory import OutOfStock, add_item, create, decrement, report, restock


class TestInventory(unittest.TestCase):
    def test_create(self):
        self.assertEqual(create(["coal", "wood", "wood", "diamond"]), {"coal": 1, "wood": 2, "diamond": 1})

    def test_add_returns_and_changes(self):
        stock = {"coal": 1}
        result = add_item(stock, ["wood", "coal"])
        self.assertIs(result, stock)
        self.assertEqual(stock, {"coal": 2, "wood": 1})

    def test_decrement(self):
        stock = {"coal": 3, "wood": 1}
        decrement(stock, ["coal", "wood"])
        self.assertDictEqual(stock, {"coal": 2, "wood": 0})

    def test_not_below_zero(self):
        stock = {"coal": 1}
        with self.assertRaises(OutOfStock) as caught:
            decrement(stock, ["coal", "coal"])
        self.assertEqual(caught.exception.item, "coal")

    def test_failed_decrement_changes_nothing(self):
        stock = {"coal": 1, "wood": 5}
        with self.assertRaises(OutOfStock):
            decrement(stock, ["wood", "coal", "coal"])
        self.assertEqual(stock, {"coal": 1, "wood": 5})

    def test_report_leaves_out_zero(self):
        self.assertEqual(report({"coal": 7, "wood": 0, "gold": 2}), [("coal", 7), ("gold", 2)])

    def test_report_is_sorted_by_name(self):
        self.assertEqual([name for name, _ in report({"b": 1, "a": 2})], ["a", "b"])

    def test_restock(self):
        shelf = {"a": {"have": 1, "want": 4}, "b": {"have": 9, "want": 4}}
        inner = shelf["a"]
        self.assertEqual(restock(shelf), {"a": 3})
        self.assertEqual(inner["have"], 4)
        self.assertEqual(shelf["b"], {"have": 9, "want": 4})

    def test_keys_of_any_type(self):
        stock = create([1, "1", (1,), None, 1.0, True])
        self.assertEqual(stock, {1: 3, "1": 1, (1,): 1, None: 1})

    def test_empty(self):
        self.assertEqual(create([]), {})
        self.assertEqual(report({}), [])
