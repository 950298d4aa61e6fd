import pandas as pd


def rename_columns(df, f):
    return df.rename(columns=f)


def rename_in_place(df):
    df.rename(columns=lambda c: c.strip().lower(), inplace=True)


def clean(df):
    df = rename_columns(df, lambda c: c.strip().lower()).drop_duplicates().reset_index(drop=True)
    df["name"] = df["name"].str.capitalize()
    df["joined"] = pd.to_datetime(df["joined"])
    return df


def fill_missing(df, values):
    df = df.copy()
    for column, value in values.items():
        if column not in df:
            raise KeyError(column)
        df[column] = df[column].fillna(value(df[column]) if callable(value) else value)
    return df


def drop_outliers(df, column, low, high):
    return df[df[column].between(low, high)]


def top_categories(series, n):
    return series.value_counts().head(n)
