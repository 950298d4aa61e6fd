"""The tables of this suite, what a clean one looks like, and how probabilities are measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WORDS = {
    "contract": ["month-to-month", "one-year", "two-year"],
    "internet": ["fibre", "dsl", "no"],
    "payment": ["card", "bank-transfer", "e-cheque"],
}
NUMBERS = ["tenure_months", "monthly_charge", "total_charges", "support_calls", "exit_call_minutes"]


def tidied(frame: pd.DataFrame) -> pd.DataFrame:
    """Every row with its values cleaned, in a new frame."""
    table = frame.reset_index(drop=True)
    for name, allowed in WORDS.items():
        words = _plain(table[name])
        table[name] = words.where(words.isin(allowed))
    for name in NUMBERS:
        numbers = pd.to_numeric(table[name].astype(str).str.replace(",", ""), errors="coerce").astype(float)
        table[name] = numbers.where(numbers >= 0)
    if "churned" in table:
        table["churned"] = _plain(table["churned"]) == "yes"
    return table


def _plain(words: pd.Series) -> pd.Series:
    return words.astype(str).str.strip().str.lower().str.replace("[ _]", "-", regex=True)


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """What `clean` must return: each customer once, by the first row there is."""
    return tidied(frame.drop_duplicates("customer_id"))


def found(frame: pd.DataFrame) -> dict[str, Any]:
    """What `explore` must return for a raw frame."""
    table = cleaned(frame)
    names = {True: "left", False: "stayed"}
    return {
        "customers": len(table),
        "repeated": len(frame) - len(table),
        "missing": {name: int(table[name].isna().sum()) for name in table.columns},
        "churn_rate": float(table["churned"].mean()),
        "by_contract": {name: float(part.mean()) for name, part in table.groupby("contract")["churned"]},
        "median_tenure": {
            names[left]: float(m) for left, m in table.groupby("churned")["tenure_months"].median().items()
        },
    }


def known(data: Path) -> pd.DataFrame:
    """customers.csv as the student has it."""
    return pd.read_csv(data / "customers.csv")


def fresh(data: Path, rng: np.random.Generator, rows: int = 400) -> pd.DataFrame:
    """Customers that nobody has seen: the values of customers.csv, each column shuffled alone, with new numbers.

    About one row in ten repeats a customer, and every kind of dirt is there.
    """
    table = known(data)
    frame = pd.DataFrame({name: rng.choice(table[name].to_numpy(), rows) for name in table.columns})
    numbers = rng.permutation(np.arange(100_000, 999_999))[:rows]
    numbers[rng.permutation(rows)[: rows // 10]] = numbers[rng.permutation(rows)[: rows // 10]]
    frame["customer_id"] = [f"C{number}" for number in numbers]
    spots = iter(rng.permutation(np.arange(1, rows)))
    frame.loc[next(spots), "contract"] = " Two_Year"
    frame.loc[next(spots), "internet"] = "DSL "
    frame.loc[next(spots), "payment"] = "?"
    frame.loc[next(spots), "total_charges"] = " "
    frame.loc[next(spots), "total_charges"] = f"{rng.integers(1, 9)},{rng.integers(100, 999)}.50"
    frame.loc[next(spots), "tenure_months"] = -float(rng.integers(1, 70))
    frame.loc[next(spots), "monthly_charge"] = -float(rng.integers(20, 90))
    return frame


def asked_about(data: Path, rng: np.random.Generator, rows: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """Raw rows of customers.csv under new numbers, before anybody has called, and whether each customer left."""
    table = known(data).drop_duplicates("customer_id")
    table = table.iloc[rng.permutation(len(table))[:rows]].reset_index(drop=True)
    numbers = rng.permutation(np.arange(100_000, 999_999))[: len(table)]
    table["customer_id"] = [f"C{number}" for number in numbers]
    truth = tidied(table)["churned"].to_numpy(dtype=bool)
    return table.drop(columns="churned").assign(exit_call_minutes=np.nan), truth


def asker(submission: Any) -> Callable[[pd.DataFrame], Any]:
    """`predict_churn` of the notebook. It gets a copy, so it cannot leave itself notes in the table."""
    predict = submission.notebook["predict_churn"]
    return lambda table: predict(table.copy(deep=True))


def probabilities(got: Any, rows: int) -> np.ndarray:
    """``got`` if it is one probability for each row; anything else fails the test."""
    assert type(got) is np.ndarray, f"expected a numpy array, got {type(got).__name__}"
    assert got.shape == (rows,), f"expected shape ({rows},), got {got.shape}"
    assert got.dtype.kind == "f", f"expected floats, got {got.dtype}"
    assert np.isfinite(got).all(), "some probabilities are NaN or infinite"
    assert ((got >= 0) & (got <= 1)).all(), "some probabilities are not between 0 and 1"
    return got


def auc(got: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve: how often one who left has more than one who stayed. Ties count half."""
    assert got.shape == truth.shape
    ranks = pd.Series(got).rank().to_numpy()
    left = int(truth.sum())
    stayed = len(truth) - left
    return float((ranks[truth].sum() - left * (left + 1) / 2) / (left * stayed))


def sensible(got: Any, truth: np.ndarray) -> np.ndarray:
    """``got`` if it holds probabilities that have something to do with the truth."""
    answers = probabilities(got, len(truth))
    area = auc(answers, truth)
    assert area > 0.7, f"these probabilities say little about who leaves: the area under the ROC curve is {area:.2f}"
    return answers
