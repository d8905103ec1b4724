"""Tables of classes: how each fared, and which are taken for each other, for two classes and for a thousand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.training.metrics import class_metrics, confusions

MANY = 20  # classes, from which on the cells of a confusion matrix have no room for numbers
MAPPED = 200  # classes at most in a map: those with the most errors
LISTED = 200  # confusions at most in a table
TALL = 250  # pixels

Counts = Sequence[Sequence[int]]


def mapped_classes(counts: Counts, most: int = MAPPED) -> list[int]:
    """Indices of the classes in a map, in their order: all, or `most` of them, with the most errors of either kind."""
    if len(counts) <= most:
        return list(range(len(counts)))
    metrics = class_metrics(counts)
    errors = [one.images + one.predicted - 2 * one.correct for one in metrics]
    return sorted(sorted(range(len(counts)), key=lambda label: -errors[label])[:most])


def confusion_table(counts: Counts, names: Sequence[str], most: int = LISTED) -> pd.DataFrame:
    """A row per confusion of two classes, the most frequent first."""
    rows = [(names[i], names[j], count, count / sum(counts[i])) for i, j, count in confusions(counts)[:most]]
    return pd.DataFrame(rows, columns=["True class", "Predicted class", "Images", "Share of the class"])


def class_table(counts: Counts, names: Sequence[str]) -> pd.DataFrame:
    """A row per class, the one with the lowest recall first."""
    rows = [
        (name, one.images, one.correct, one.recall, one.precision, "" if other is None else names[other])
        for name, one in zip(names, class_metrics(counts), strict=True)
        for other in [one.confused_with]
    ]
    rows.sort(key=lambda row: (row[3] is None, row[3]))
    return pd.DataFrame(rows, columns=["Class", "Images", "Correct", "Recall", "Precision", "Most often taken for"])


SHARE = {"Share of the class": st.column_config.NumberColumn(format="percent")}
CLASS_COLUMNS = {
    "Recall": st.column_config.ProgressColumn(
        format="percent", min_value=0, max_value=1, help="Share of the class's images that are predicted as it."
    ),
    "Precision": st.column_config.ProgressColumn(
        format="percent", min_value=0, max_value=1, help="Share of the predictions of this class that are right."
    ),
}
