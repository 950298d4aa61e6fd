"""Makes the customers of this suite: data/customers.csv, data/held_out.csv and starter/customers.csv (a copy).

    python data/make_data.py [--seed 20261001]

The telephone company is invented. Whether a customer leaves follows a coin whose odds are, on a logarithmic scale,

    contract + internet + payment - how long they have stayed + what they pay above what others pay for the same line
    + support calls, more for those on fibre

and then both tables are soiled in the same ways: see `soil`. `exit_call_minutes` is the trap. It holds how long
customers spoke to the cancellation desk, which nearly all who leave do and few others. The held-out customers are asked
about before anybody calls, so there it is empty. Set another seed before you use the suite for marks: anybody who has
this file and the seed can print the answers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

CONTRACTS = {"month-to-month": 1.0, "one-year": -0.5, "two-year": -1.6}
INTERNET = {"fibre": 0.5, "dsl": 0.0, "no": -0.5}
PAYMENT = {"card": -0.2, "bank-transfer": -0.2, "e-cheque": 0.5}
TEXT = ["contract", "internet", "payment", "churned"]
CUSTOMERS, REPEATED = 1500, 40
HELD_OUT = 600


def customers(rng: np.random.Generator, ids: np.ndarray) -> pd.DataFrame:
    """A clean table with a customer for each id."""
    count = len(ids)
    contract = rng.choice(list(CONTRACTS), count, p=[0.55, 0.24, 0.21])
    internet = rng.choice(list(INTERNET), count, p=[0.45, 0.35, 0.20])
    tenure = np.where(contract == "month-to-month", rng.gamma(1.3, 14.0, count), rng.gamma(3.0, 13.0, count)).clip(
        1, 72
    )
    usual = pd.Series(internet).map({"fibre": 78.0, "dsl": 52.0, "no": 22.0}).to_numpy()
    charge = usual + rng.normal(scale=0.14, size=count) * usual
    tenure, charge = np.round(tenure), np.round(charge, 2)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number}" for number in ids],
            "tenure_months": tenure,
            "contract": contract,
            "internet": internet,
            "payment": rng.choice(list(PAYMENT), count, p=[0.40, 0.28, 0.32]),
            "monthly_charge": charge,
            "total_charges": np.round(tenure * charge * rng.uniform(0.92, 1.03, count), 2),
            "support_calls": rng.poisson(1.1, count).astype(float),
        }
    )
    leaves = rng.random(count) < 1 / (1 + np.exp(-log_odds(frame, charge / usual - 1)))
    called = rng.random(count) < np.where(leaves, 0.94, 0.05)
    frame["exit_call_minutes"] = np.where(called, np.round(rng.gamma(4.0, 3.0, count) + 1), np.nan)
    frame["churned"] = np.where(leaves, "yes", "no")
    return frame


def log_odds(frame: pd.DataFrame, above_usual: np.ndarray) -> pd.Series:
    """Of leaving, for each customer."""
    fibre = frame["internet"] == "fibre"
    return (
        -1.3
        + frame["contract"].map(CONTRACTS)
        + frame["internet"].map(INTERNET)
        + frame["payment"].map(PAYMENT)
        - 0.75 * np.log(frame["tenure_months"] / 12)
        + 4.0 * above_usual
        + frame["support_calls"] * np.where(fibre, 0.65, 0.35)
    )


def soil(rng: np.random.Generator, frame: pd.DataFrame, repeated: int) -> pd.DataFrame:
    """The table as it comes from three systems: respelt words, holes, impossible numbers, rows that come twice."""
    again = frame.iloc[rng.choice(len(frame), repeated, replace=False)]
    dirty = pd.concat([frame, again]).iloc[rng.permutation(len(frame) + repeated)].reset_index(drop=True)
    for column in TEXT:
        dirty[column] = [respelt(rng, word) if rng.random() < 0.15 else word for word in dirty[column]]
    for column in TEXT[:-1]:
        dirty.loc[rng.random(len(dirty)) < 0.015, column] = "?"
        dirty.loc[rng.random(len(dirty)) < 0.015, column] = ""
    for column, holes, impossible in (("tenure_months", 0.02, 0.012), ("monthly_charge", 0.03, 0.006)):
        dirty.loc[rng.random(len(dirty)) < impossible, column] *= -1
        dirty.loc[rng.random(len(dirty)) < holes, column] = np.nan
    dirty.loc[rng.random(len(dirty)) < 0.02, "support_calls"] = np.nan
    for column in ("tenure_months", "support_calls", "exit_call_minutes"):
        dirty[column] = dirty[column].astype("Int64")
    dirty["total_charges"] = [amount(rng, value) for value in dirty["total_charges"]]
    return dirty


def respelt(rng: np.random.Generator, word: str) -> str:
    """The word as somebody else would type it."""
    ways = (word.upper(), word.title(), f" {word}", f"{word} ", word.replace("-", " "), word.replace("-", "_"))
    return str(rng.choice(ways))


def amount(rng: np.random.Generator, value: float) -> str:
    """An amount as text, sometimes with a comma after the thousands, sometimes nothing but a space."""
    if rng.random() < 0.04:
        return " "
    return f"{value:,.2f}" if rng.random() < 0.6 else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20261001)
    rng = np.random.Generator(np.random.PCG64(parser.parse_args().seed))
    ids = rng.permutation(np.arange(10_000, 99_999))[: CUSTOMERS + HELD_OUT]
    known = soil(rng, customers(rng, ids[:CUSTOMERS]), REPEATED)
    held_out = soil(rng, customers(rng, ids[CUSTOMERS:]).assign(exit_call_minutes=np.nan), repeated=0)
    data = Path(__file__).parent
    known.to_csv(data / "customers.csv", index=False, lineterminator="\n")
    known.to_csv(data.parent / "starter" / "customers.csv", index=False, lineterminator="\n")
    held_out.to_csv(data / "held_out.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
