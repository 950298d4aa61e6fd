"""Who of held_out.csv left never leaves this process; only the other columns are sent."""

import pandas as pd
from suite_churn import asker, auc, probabilities, tidied


def test_customers_it_has_not_seen(submission, metric, data, rng):
    table = pd.read_csv(data / "held_out.csv")
    table = table.iloc[rng.permutation(len(table))].reset_index(drop=True)
    truth = tidied(table)["churned"].to_numpy(dtype=bool)
    got = asker(submission)(table.drop(columns="churned"))
    metric("roc_auc", auc(probabilities(got, len(truth)), truth))
