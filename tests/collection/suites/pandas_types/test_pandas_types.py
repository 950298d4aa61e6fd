import numpy as np
import pandas as pd
import pytest

import frames


def test_object_column_with_none():
    df = frames.records([{"a": 1, "b": "x"}, {"a": None, "b": None}])
    assert df["a"].isna().tolist() == [False, True]
    assert df.loc[0, "b"] == "x"
    assert df.loc[1, "b"] is None or pd.isna(df.loc[1, "b"])


def test_datetime_index():
    s = frames.daily("2024-02-27", [1.0, 2.0, 3.0, 4.0])
    assert isinstance(s.index, pd.DatetimeIndex)
    assert s.index[2] == pd.Timestamp("2024-02-29")
    assert s.index.tz is None
    assert s["2024-03-01"] == 4.0


def test_time_zone():
    s = frames.daily("2024-01-01", [1.0], tz="UTC")
    assert str(s.index.tz) == "UTC"


def test_resample():
    s = pd.Series(range(10), index=pd.date_range("2024-01-01", periods=10))
    weekly = frames.weekly_mean(s)
    assert weekly.tolist() == [3.0, 8.0]


def test_ordered_categories():
    s = frames.sizes(["L", "S", "M", "S"])
    assert s.cat.ordered
    assert s.min() == "S"
    assert s.sort_values().tolist() == ["S", "S", "M", "L"]


def test_unknown_category_is_missing():
    assert frames.sizes(["XXL"]).isna().all()


def test_multi_index():
    df = frames.table({("a", 1): 10, ("a", 2): 20, ("b", 1): 30})
    assert df.index.nlevels == 2
    assert df.loc[("b", 1), "value"] == 30
    assert df.loc["a"]["value"].sum() == 30


def test_bool_mask():
    mask = frames.is_weekend(pd.Series(pd.to_datetime(["2024-05-03", "2024-05-04"])))
    assert mask.dtype == bool
    assert mask.tolist() == [False, True]


def test_nullable_integers():
    s = frames.counts(["3", "", "7"])
    assert str(s.dtype) == "Int64"
    assert s.sum() == 10
    assert s.isna().sum() == 1


def test_dict_of_frames():
    parts = frames.split(pd.DataFrame({"k": ["x", "y", "x"], "v": [1, 2, 3]}), "k")
    assert set(parts) == {"x", "y"}
    assert parts["x"]["v"].tolist() == [1, 3]
    assert parts["x"].index.tolist() == [0, 2]


def test_in_place_sort():
    df = pd.DataFrame({"v": [3, 1, 2]}, index=["c", "a", "b"])
    assert frames.sort_in_place(df, "v") is None
    assert df["v"].tolist() == [1, 2, 3]
    assert df.index.tolist() == ["a", "b", "c"]


def test_add_column_in_place():
    df = pd.DataFrame({"v": [1.0, 2.0]})
    assert frames.add_square(df) is df
    assert df["square"].tolist() == [1.0, 4.0]


def test_set_value_through_loc():
    df = pd.DataFrame({"v": [1, -2, 3]})
    frames.zero_negatives(df)
    assert df["v"].tolist() == [1, 0, 3]


def test_correlation():
    df = pd.DataFrame({"a": [1, 2, 3], "b": [2, 4, 6], "c": [3, 2, 1]})
    c = frames.correlation(df)
    np.testing.assert_allclose(c.loc["a", "b"], 1)
    np.testing.assert_allclose(c.to_numpy()[0], [1, 1, -1])
    assert list(c.columns) == ["a", "b", "c"]


def test_apply_with_test_function():
    s = frames.apply_rows(pd.DataFrame({"a": [1, 2], "b": [10, 20]}), lambda a, b: a + b)
    assert s.tolist() == [11, 22]


def test_empty():
    with pytest.raises(ValueError, match="no rows"):
        frames.correlation(pd.DataFrame({"a": []}))


def test_timedelta():
    assert frames.span(pd.Series(pd.to_datetime(["2024-01-01 00:00", "2024-01-03 12:00"]))) == pd.Timedelta(days=2.5)
