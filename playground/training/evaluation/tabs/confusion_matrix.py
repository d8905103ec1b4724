"""The confusion matrix of the validation images; a chosen cell shows its images."""

from __future__ import annotations

import streamlit as st

from core.percent import percent
from core.training.results import Prediction, confusion_matrix
from playground.charts.training import ImageCard, cards
from playground.components.matrix import Cell, matrix
from playground.escaping import literal
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.pictures import shown

SHOWN = 18


def show(run: RunArtifacts) -> None:
    """The matrix; under it the images of the chosen cell, the most confident first."""
    names, predicted = run.trained.classes, run.predictions
    counts = confusion_matrix(predicted, len(names))
    st.caption("Choose a cell to see its images. Arrow keys move from cell to cell.")
    row, column = matrix(counts, names, key="after-matrix", first=most_frequent_error(counts))
    inside = sorted((p for p in predicted if (p.label, p.predicted) == (row, column)), key=lambda p: -p.probability)
    st.markdown(f"**{len(inside):,}** × true “{literal(names[row])}”, predicted “{literal(names[column])}”")
    if inside:
        st.html(cards([_card(run, one) for one in inside[:SHOWN]], side=104))
    if len(inside) > SHOWN:
        st.caption(f"The {SHOWN} most confident of them.")


def most_frequent_error(counts: tuple[tuple[int, ...], ...]) -> Cell:
    """The cell off the diagonal with the most images; the first on it if there is no error.

    >>> most_frequent_error(((9, 1), (3, 7)))
    (1, 0)
    >>> most_frequent_error(((9, 0), (0, 7)))
    (0, 0)
    """
    wrong = [(count, i, j) for i, row in enumerate(counts) for j, count in enumerate(row) if i != j and count]
    if not wrong:
        return 0, 0
    _, row, column = max(wrong, key=lambda cell: cell[0])
    return row, column


def _card(run: RunArtifacts, one: Prediction) -> ImageCard:
    return ImageCard(shown(run.data, one.index), percent(one.probability), one.probability, one.is_correct)
