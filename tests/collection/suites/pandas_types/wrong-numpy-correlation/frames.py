import pandas as pd


def records(rows):
    return pd.DataFrame(rows)


def daily(start, values, tz=None):
    return pd.Series(values, index=pd.date_range(start, periods=len(values), tz=tz))


def weekly_mean(s):
    return s.resample("W").mean()


def sizes(values):
    return pd.Series(pd.Categorical(values, categories=["S", "M", "L"], ordered=True))


def table(d):
    return pd.DataFrame({"value": list(d.values())}, index=pd.MultiIndex.from_tuples(list(d)))


def is_weekend(s):
    return s.dt.dayofweek >= 5


def counts(texts):
    return pd.Series([int(t) if t else None for t in texts], dtype="Int64")


def split(df, key):
    return {k: part for k, part in df.groupby(key)}


def sort_in_place(df, column):
    df.sort_values(column, inplace=True)


def add_square(df):
    df["square"] = df["v"] ** 2
    return df


def zero_negatives(df):
    df.loc[df["v"] < 0, "v"] = 0


def correlation(df):
    if df.empty:
        raise ValueError("no rows")
    return df.corr().to_numpy()


def apply_rows(df, f):
    return df.apply(lambda row: f(**{k: int(v) for k, v in row.items()}), axis=1)


def span(s):
    return s.max() - s.min()
