import unittest

from formatting import Duration, Price, table


class PriceFormat(unittest.TestCase):
    def setUp(self):
        self.price = Price(1234.5, "EUR")

    def test_str(self):
        self.assertEqual(str(self.price), "1,234.50 EUR")

    def test_repr_is_code(self):
        self.assertEqual(repr(self.price), "Price(1234.5, 'EUR')")

    def test_format_short(self):
        self.assertEqual(f"{self.price:short}", "1k EUR")
        self.assertEqual("{:short}".format(Price(12, "USD")), "12 USD")

    def test_format_default(self):
        self.assertEqual(f"{self.price}", str(self.price))

    def test_format_width(self):
        self.assertEqual(format(Price(5, "USD"), ">10"), "  5.00 USD")

    def test_unknown_format(self):
        with self.assertRaises(ValueError) as caught:
            f"{self.price:nonsense}"
        self.assertIn("nonsense", str(caught.exception))

    def test_percent_s(self):
        self.assertEqual("%s and %r" % (self.price, Price(1, "X")), "1,234.50 EUR and Price(1, 'X')")

    def test_in_a_list(self):
        self.assertEqual(str([Price(1, "X")]), "[Price(1, 'X')]")

    def test_bool_of_price(self):
        self.assertFalse(Price(0, "EUR"))
        self.assertTrue(self.price)

    def test_float(self):
        self.assertAlmostEqual(float(self.price), 1234.5)


class DurationFormat(unittest.TestCase):
    def test_strings(self):
        for seconds, text in [(0, "0:00"), (59, "0:59"), (60, "1:00"), (3661, "1:01:01")]:
            with self.subTest(seconds=seconds):
                self.assertEqual(str(Duration(seconds)), text)

    def test_len_and_index(self):
        self.assertEqual(len(Duration(3)), 3)
        self.assertEqual("x" * int(Duration(3)), "xxx")
        self.assertEqual([10, 20, 30][Duration(1)], 20)

    def test_repr_falls_back_on_default(self):
        self.assertRegex(repr(Duration(1)), r"^<formatting\.Duration object at 0x")


class TableTest(unittest.TestCase):
    def test_table(self):
        self.assertEqual(
            table([("name", "qty"), ("pen", 3), ("notebook", 12)]),
            "name     | qty\n---------+----\npen      |   3\nnotebook |  12",
        )

    def test_long_text(self):
        text = table([("a" * 40, "b")] * 30)
        self.assertMultiLineEqual(text.splitlines()[0], "a" * 40 + " | " + "  b"[2:])
