"""The confusion matrix of the validation images, its worst cells and its classes; a chosen cell shows its images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.training.metrics import confusions
from core.training.results import confusion_matrix
from playground import controls
from playground.charts.confusion_matrix import Cell, cell_of, confusion_map
from playground.charts.confusion_matrix import confusion_matrix as draw
from playground.charts.training import CaptionedImage, cards
from playground.escaping import literal
from playground.plotly_chart import plotly_chart
from playground.training.class_tables import (
    CLASS_COLUMNS,
    LISTED,
    MANY,
    SHARE,
    TALL,
    Counts,
    class_table,
    confusion_table,
    mapped_classes,
)
from playground.training.evaluation.inspect_link import prediction_card
from playground.training.evaluation.run_artifacts import RunArtifacts

SHOWN = 18
CHART, BOXES, WORST = "confusion-matrix", ("confusion-true", "confusion-predicted"), "confusion-worst"


def show(run: RunArtifacts) -> None:
    """The matrix; under it the images of the chosen cell, the most confident first, and the figures of each class."""
    names, predicted = run.trained.classes, run.predictions
    counts = tuple(confusion_matrix(predicted, len(names)))  # rows at once: they are looked at again and again
    row, column = _choose(counts, names)
    inside = sorted((p for p in predicted if (p.label, p.predicted) == (row, column)), key=lambda p: -p.probability)
    st.markdown(f"**{len(inside):,}** × true “{literal(names[row])}”, predicted “{literal(names[column])}”")
    if inside and run.shows_images:
        shown = [prediction_card(run, one) for one in inside[:SHOWN]]
        st.html(cards(shown, side=104))
        _about(shown, len(inside))
    st.markdown("**Each class**")
    table = class_table(counts, names)
    alt = "Recall and precision of each class."
    st.dataframe(table, hide_index=True, column_config=CLASS_COLUMNS, height="auto", alt=alt)


def _about(cards: Sequence[CaptionedImage], images: int) -> None:
    """Which of the images these are, and where a choice of one leads."""
    sentences = [f"The {len(cards)} most confident of them."] if images > len(cards) else []
    if cards[0].address is not None:
        sentences.append("Choose an image to follow it through the network.")
    if sentences:
        st.caption(" ".join(sentences))


def _choose(counts: Counts, names: Sequence[str]) -> Cell:
    """The matrix, and the cell chosen in it: by a click, or by its two classes with the keyboard."""
    classes, chart, is_large = range(len(names)), st.container(), len(names) > MANY
    cell = most_frequent_error(counts)
    boxes = zip(st.columns(2), ("True class", "Predicted class"), BOXES, cell, strict=True)
    chosen = tuple(
        column.selectbox(label, classes, index=first, format_func=names.__getitem__, key=key, bind=controls.LINK)
        for column, label, key, first in boxes
    )
    alt = f"Confusion matrix of {len(names)} classes: rows are true classes, columns predictions."
    with chart:
        if is_large:
            _worst(counts, names)
            _map(counts, names, chosen, alt)
        else:
            st.caption("Choose a cell, in the matrix or by its two classes, to see its images.")
            take = partial(_take_cell, len(names))
            plotly_chart(draw(counts, names, chosen), CHART, alt, on_select=take, selection_mode="points")
    return chosen


def _worst(counts: Counts, names: Sequence[str]) -> None:
    """The most frequent confusions as a table; a click on one chooses its cell."""
    table = confusion_table(counts, names)
    st.markdown("**Most frequent confusions**")
    if table.empty:
        st.caption("There are none: every validation image is classified correctly.")
        return
    st.caption("Choose one, or two classes below, to see its images.")
    st.dataframe(
        table,
        hide_index=True,
        height=TALL,
        key=WORST,
        on_select=partial(_take_row, confusions(counts)[:LISTED]),
        selection_mode="single-row",
        column_config=SHARE,
        alt="Pairs of classes that the network confuses, the most frequent first.",
    )


def _map(counts: Counts, names: Sequence[str], chosen: Cell, alt: str) -> None:
    """All classes, or those with the most errors if they are too many for a map."""
    index = mapped_classes(counts)
    if len(index) < len(names):
        st.caption(f"The {len(index):,} of {len(names):,} classes with the most errors. Drag to zoom.")
    else:
        st.caption("Drag to zoom; a double click or double tap shows all again.")
    part = [[counts[i][j] for j in index] for i in index]
    place = {label: number for number, label in enumerate(index)}
    frame = (place[chosen[0]], place[chosen[1]]) if chosen[0] in place and chosen[1] in place else None
    plotly_chart(confusion_map(part, [names[i] for i in index], frame), CHART, alt)


def _take_cell(classes: int) -> None:
    """A click on a cell chooses its classes."""
    if cell := cell_of(st.session_state[CHART], classes):
        st.session_state[BOXES[0]], st.session_state[BOXES[1]] = cell


def _take_row(cells: Sequence[tuple[int, int, int]]) -> None:
    """A click on a row of the table chooses its classes."""
    rows = st.session_state[WORST]["selection"]["rows"]
    if rows and 0 <= rows[0] < len(cells):
        st.session_state[BOXES[0]], st.session_state[BOXES[1]] = cells[rows[0]][:2]


def most_frequent_error(counts: Counts) -> Cell:
    """The cell off the diagonal with the most images; the first on it if there is no error.

    >>> most_frequent_error(((9, 1), (3, 7)))
    (1, 0)
    >>> most_frequent_error(((9, 0), (0, 7)))
    (0, 0)
    """
    row, column, _ = next(iter(confusions(counts)), (0, 0, 0))
    return row, column
