import unittest

import pandas as pd
from pandas.testing import assert_frame_equal, assert_series_equal

from sales import add_share, best_day, by_region, join_regions, pivot, running_total


def frame():
    return pd.DataFrame(
        {
            "region": ["N", "S", "N", "S", "N"],
            "day": pd.to_datetime(["2024-03-01", "2024-03-01", "2024-03-02", "2024-03-03", "2024-03-03"]),
            "units": [3, 5, 2, 8, 1],
            "price": [1.5, 2.0, 1.5, 2.0, 1.0],
        }
    )


class SalesTest(unittest.TestCase):
    def setUp(self):
        self.df = frame()

    def tearDown(self):
        assert_frame_equal(self.df, frame())

    def test_by_region(self):
        expected = pd.Series([6, 13], index=pd.Index(["N", "S"], name="region"), name="units")
        assert_series_equal(by_region(self.df), expected)

    def test_by_region_is_a_series(self):
        self.assertIsInstance(by_region(self.df), pd.Series)

    def test_best_day(self):
        self.assertEqual(best_day(self.df), pd.Timestamp("2024-03-03"))

    def test_add_share(self):
        out = add_share(self.df)
        self.assertEqual(list(out.columns), [*self.df.columns, "share"])
        self.assertAlmostEqual(out.groupby("region")["share"].sum()["N"], 1.0)
        self.assertAlmostEqual(out.loc[0, "share"], 0.5)

    def test_running_total(self):
        self.assertEqual(running_total(self.df).tolist(), [3, 8, 10, 18, 19])

    def test_pivot(self):
        table = pivot(self.df)
        self.assertEqual(table.shape, (3, 2))
        self.assertEqual(table.loc["2024-03-02", "S"], 0)
        self.assertIsInstance(table.index, pd.DatetimeIndex)
        self.assertEqual(table.columns.name, "region")

    def test_join(self):
        names = pd.DataFrame({"region": ["N", "S", "W"], "name": ["North", "South", "West"]})
        joined = join_regions(self.df, names)
        self.assertEqual(len(joined), 5)
        self.assertEqual(joined["name"].tolist(), ["North", "South", "North", "South", "North"])

    def test_join_unknown_region(self):
        names = pd.DataFrame({"region": ["N"], "name": ["North"]})
        self.assertEqual(join_regions(self.df, names)["name"].isna().sum(), 2)

    def test_multi_index_result(self):
        result = by_region(self.df, ["region", "day"])
        self.assertEqual(result.loc[("S", "2024-03-03")], 8)
        self.assertEqual(result.index.names, ["region", "day"])

    def test_dtypes(self):
        self.assertEqual(str(by_region(self.df).dtype), "int64")
        self.assertEqual(add_share(self.df).dtypes["share"].kind, "f")

    def test_missing_column(self):
        with self.assertRaises(KeyError):
            by_region(self.df.drop(columns="units"))
