import unittest
from datetime import date, datetime, timedelta

from dates import add_months, age, business_days, friday_13th, parse, weeks


class DateTest(unittest.TestCase):
    def test_age(self):
        for born, today, years in [
            (date(2000, 5, 10), date(2024, 5, 9), 23),
            (date(2000, 5, 10), date(2024, 5, 10), 24),
            (date(2004, 2, 29), date(2023, 2, 28), 18),
        ]:
            with self.subTest(born=born, today=today):
                self.assertEqual(age(born, today), years)

    def test_born_in_the_future(self):
        with self.assertRaises(ValueError):
            age(date(2030, 1, 1), date(2024, 1, 1))

    def test_add_months(self):
        self.assertEqual(add_months(date(2024, 1, 31), 1), date(2024, 2, 29))
        self.assertEqual(add_months(date(2023, 11, 30), 3), date(2024, 2, 29))
        self.assertEqual(add_months(date(2024, 3, 31), -1), date(2024, 2, 29))

    def test_add_months_keeps_time(self):
        self.assertEqual(add_months(datetime(2024, 1, 1, 12, 30, 15, 7), 12), datetime(2025, 1, 1, 12, 30, 15, 7))

    def test_business_days(self):
        days = business_days(date(2024, 5, 3), date(2024, 5, 7))
        self.assertEqual(days, [date(2024, 5, 3), date(2024, 5, 6), date(2024, 5, 7)])

    def test_friday_13th(self):
        self.assertEqual(friday_13th(2023), [date(2023, 1, 13), date(2023, 10, 13)])

    def test_weeks_is_a_generator(self):
        it = weeks(date(2024, 12, 30))
        self.assertEqual([next(it) for _ in range(3)], [date(2024, 12, 30), date(2025, 1, 6), date(2025, 1, 13)])

    def test_parse(self):
        self.assertEqual(parse("24.12.2023"), date(2023, 12, 24))
        self.assertEqual(parse("2023-12-24"), date(2023, 12, 24))
        self.assertIsInstance(parse("24.12.2023"), date)

    def test_parse_error(self):
        with self.assertRaisesRegex(ValueError, "cannot read '31.2.2024'"):
            parse("31.2.2024")

    def test_difference(self):
        self.assertEqual(parse("2024-03-01") - parse("2024-02-28"), timedelta(2))
