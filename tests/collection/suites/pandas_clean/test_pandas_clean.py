import numpy as np
import pandas as pd
import pytest

from cleaning import clean, drop_outliers, fill_missing, rename_columns, rename_in_place, top_categories


@pytest.fixture
def raw():
    return pd.DataFrame(
        {
            "Name ": ["ann", "ann", "BOB", None],
            "Age": [31.0, 31.0, np.nan, 45.0],
            "Joined": ["2024-01-05", "2024-01-05", "2023-12-24", "2024-02-29"],
            "City": ["Brno", "Brno", "Brno", "Oslo"],
        }
    )


def test_columns_are_tidy(raw):
    assert list(clean(raw).columns) == ["name", "age", "joined", "city"]


def test_duplicates_are_dropped(raw):
    assert len(clean(raw)) == 3


def test_index_is_reset(raw):
    pd.testing.assert_index_equal(clean(raw).index, pd.RangeIndex(3))


def test_dates_are_parsed(raw):
    joined = clean(raw)["joined"]
    assert pd.api.types.is_datetime64_any_dtype(joined)
    assert joined.max() == pd.Timestamp("2024-02-29")


def test_city_is_categorical(raw):
    city = clean(raw)["city"]
    assert isinstance(city.dtype, pd.CategoricalDtype)
    assert list(city.cat.categories) == ["Brno", "Oslo"]


def test_names_are_capitalised(raw):
    names = clean(raw)["name"]
    assert names[0] == "Ann"
    assert names[1] == "Bob"
    assert pd.isna(names[2])


def test_raw_is_not_changed(raw):
    before = raw.copy(deep=True)
    clean(raw)
    pd.testing.assert_frame_equal(raw, before)


def test_fill_missing(raw):
    filled = fill_missing(raw, {"Age": 0})
    assert filled["Age"].tolist() == [31.0, 31.0, 0.0, 45.0]
    assert raw["Age"].isna().sum() == 1


def test_fill_with_function(raw):
    assert fill_missing(raw, {"Age": lambda s: s.mean()})["Age"].iloc[2] == pytest.approx(35.6667, abs=1e-3)


def test_rename_in_place(raw):
    assert rename_in_place(raw) is None
    assert "name" in raw.columns


def test_rename_with_callback(raw):
    assert list(rename_columns(raw, lambda c: c.strip().upper()).columns) == ["NAME", "AGE", "JOINED", "CITY"]


def test_drop_outliers():
    df = pd.DataFrame({"x": [1, 2, 3, 1000]}, index=list("abcd"))
    result = drop_outliers(df, "x", 0, 10)
    assert list(result.index) == ["a", "b", "c"]
    assert len(df) == 4


def test_missing_column(raw):
    with pytest.raises(KeyError, match="salary"):
        fill_missing(raw, {"salary": 1})


def test_top_categories(raw):
    pd.testing.assert_series_equal(
        top_categories(raw["City"], 1), pd.Series([3], index=pd.Index(["Brno"], name="City"), name="count")
    )


def test_empty_frame():
    assert drop_outliers(pd.DataFrame({"x": []}), "x", 0, 1).empty
