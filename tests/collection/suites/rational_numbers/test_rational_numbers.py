import unittest

from rational_numbers import Rational


class RationalTest(unittest.TestCase):
    def test_add(self):
        self.assertEqual(Rational(1, 2) + Rational(2, 3), Rational(7, 6))

    def test_add_an_integer(self):
        self.assertEqual(Rational(1, 2) + 1, Rational(3, 2))
        self.assertEqual(1 + Rational(1, 2), Rational(3, 2))

    def test_subtract(self):
        self.assertEqual(Rational(1, 2) - Rational(-2, 3), Rational(7, 6))
        self.assertEqual(2 - Rational(1, 2), Rational(3, 2))

    def test_multiply(self):
        self.assertEqual(Rational(-1, 2) * Rational(2, 3), Rational(-1, 3))

    def test_divide(self):
        self.assertEqual(Rational(1, 2) / Rational(2, 3), Rational(3, 4))

    def test_absolute_value(self):
        self.assertEqual(abs(Rational(-1, 2)), Rational(1, 2))

    def test_rational_to_an_integer(self):
        self.assertEqual(Rational(-1, 2) ** 3, Rational(-1, 8))
        self.assertEqual(Rational(3, 5) ** -2, Rational(25, 9))

    def test_real_number_to_a_rational(self):
        self.assertAlmostEqual(8 ** Rational(4, 3), 16.0, places=8)
        self.assertAlmostEqual(9 ** Rational(-1, 2), 0.3333333333333333, places=8)

    def test_equal_to_an_integer(self):
        self.assertEqual(Rational(4, 2), 2)

    def test_reduction(self):
        self.assertEqual(Rational(13, -39), Rational(-1, 3))
        self.assertEqual(Rational(0, 6), Rational(0, 1))
