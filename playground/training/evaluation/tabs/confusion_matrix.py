"""The confusion matrix of the validation images; a chosen cell shows its images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.percent import percent
from core.training.results import Prediction, confusion_matrix
from playground.charts.confusion_matrix import Cell, cell_of
from playground.charts.confusion_matrix import confusion_matrix as draw
from playground.charts.training import CaptionedImage, cards
from playground.escaping import literal
from playground.plotly_chart import plotly_chart
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.pictures import shown

SHOWN = 18
CHART, BOXES = "confusion-matrix", ("confusion-true", "confusion-predicted")


def show(run: RunArtifacts) -> None:
    """The matrix; under it the images of the chosen cell, the most confident first."""
    names, predicted = run.trained.classes, run.predictions
    counts = confusion_matrix(predicted, len(names))
    st.caption("Choose a cell, by a click or by its two classes, to see its images.")
    row, column = _choose(counts, names)
    inside = sorted((p for p in predicted if (p.label, p.predicted) == (row, column)), key=lambda p: -p.probability)
    st.markdown(f"**{len(inside):,}** × true “{literal(names[row])}”, predicted “{literal(names[column])}”")
    if inside:
        st.html(cards([_card(run, one) for one in inside[:SHOWN]], side=104))
    if len(inside) > SHOWN:
        st.caption(f"The {SHOWN} most confident of them.")


def _choose(counts: tuple[tuple[int, ...], ...], names: Sequence[str]) -> Cell:
    """The matrix, and the cell chosen in it: by a click, or by its two classes with the keyboard."""
    classes, chart = range(len(names)), st.container()
    cell = most_frequent_error(counts)
    boxes = zip(st.columns(2), ("True class", "Predicted class"), BOXES, cell, strict=True)
    chosen = tuple(
        column.selectbox(label, classes, index=first, format_func=names.__getitem__, key=key)
        for column, label, key, first in boxes
    )
    with chart:
        alt = f"Confusion matrix of {len(names)} classes: rows are true classes, columns predictions."
        plotly_chart(
            draw(counts, names, chosen), CHART, alt, on_select=partial(_take_cell, len(names)), selection_mode="points"
        )
    return chosen


def _take_cell(classes: int) -> None:
    """A click on a cell chooses its classes."""
    if cell := cell_of(st.session_state[CHART], classes):
        st.session_state[BOXES[0]], st.session_state[BOXES[1]] = cell


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


def _card(run: RunArtifacts, one: Prediction) -> CaptionedImage:
    return CaptionedImage(shown(run.data, one.index), percent(one.probability), one.probability, one.is_correct)
