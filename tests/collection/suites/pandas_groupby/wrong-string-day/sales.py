def by_region(df, keys="region"):
    return df.groupby(keys)["units"].sum()


def best_day(df):
    return str(df.groupby("day")["units"].sum().idxmax().date())


def add_share(df):
    return df.assign(share=df["units"] / df.groupby("region")["units"].transform("sum"))


def running_total(df):
    return df["units"].cumsum()


def pivot(df):
    return df.pivot_table(index="day", columns="region", values="units", aggfunc="sum", fill_value=0)


def join_regions(df, names):
    return df.merge(names, on="region", how="left")
