import unittest

from clock import Clock


class ClockTest(unittest.TestCase):
    def test_strings(self):
        for h, m, text in [
            (8, 0, "08:00"),
            (24, 0, "00:00"),
            (25, 0, "01:00"),
            (1, 60, "02:00"),
            (0, 1723, "04:43"),
            (-1, 15, "23:15"),
            (-25, 0, "23:00"),
            (1, -40, "00:20"),
            (1, -160, "22:20"),
            (-121, -5810, "22:10"),
        ]:
            with self.subTest(h=h, m=m):
                self.assertEqual(str(Clock(h, m)), text)

    def test_repr(self):
        self.assertEqual(repr(Clock(3, 5)), "Clock(3, 5)")

    def test_add_minutes(self):
        self.assertEqual(str(Clock(10, 0) + 3), "10:03")
        self.assertEqual(str(Clock(23, 59) + 2), "00:01")
        self.assertEqual(str(Clock(5, 32) + 1500), "06:32")

    def test_subtract_minutes(self):
        self.assertEqual(str(Clock(10, 3) - 3), "10:00")
        self.assertEqual(str(Clock(0, 3) - 4), "23:59")
        self.assertEqual(str(Clock(5, 32) - 1500), "04:32")

    def test_subtract_gives_a_clock(self):
        self.assertEqual(Clock(5, 0) - 60, Clock(4, 0))

    def test_add_returns_a_new_clock(self):
        clock = Clock(1, 0)
        later = clock + 5
        self.assertIsNot(later, clock)
        self.assertEqual(str(clock), "01:00")

    def test_equal_clocks(self):
        self.assertEqual(Clock(15, 37), Clock(15, 37))
        self.assertEqual(Clock(-54, -11513), Clock(18, 7))
        self.assertEqual(Clock(10, 37), Clock(34, 37))

    def test_different_clocks(self):
        self.assertNotEqual(Clock(15, 36), Clock(15, 37))
        self.assertNotEqual(Clock(14, 37), Clock(15, 37))

    def test_add_then_compare(self):
        self.assertEqual(Clock(6, 41) + 0, Clock(6, 41))

    def test_order(self):
        self.assertLess(Clock(1, 0), Clock(2, 0))
        self.assertEqual([str(c) for c in sorted([Clock(3, 1), Clock(1, 3)])], ["01:03", "03:01"])
