"""The confusion matrix of the validation pictures, whose cells open."""

from __future__ import annotations

import streamlit as st

from core.training.results import Prediction, confusion
from playground.charts.training import Card, cards
from playground.components.matrix import Cell, matrix
from playground.escaping import literal
from playground.training.evaluation.run_artifacts import Left
from playground.training.pictures import shown

SHOWN = 18


def show(left: Left) -> None:
    """The matrix; beside it the pictures of the chosen cell, the surest first."""
    names, found = left.trained.classes, left.found
    counts = confusion(found, len(names))
    st.caption("Each cell opens: choose one to see its pictures. Arrow keys walk from cell to cell.")
    row, column = matrix(counts, names, key="after-matrix", first=largest_mistake(counts))
    inside = sorted((p for p in found if (p.label, p.taken_for) == (row, column)), key=lambda p: -p.probability)
    verb = "rightly taken for" if row == column else "taken for"
    st.markdown(f"**{len(inside):,}** × truly “{literal(names[row])}”, {verb} “{literal(names[column])}”")
    if inside:
        st.html(cards([_card(left, one) for one in inside[:SHOWN]], side=104))
    if len(inside) > SHOWN:
        st.caption(f"The surest {SHOWN} of them.")


def largest_mistake(counts: tuple[tuple[int, ...], ...]) -> Cell:
    """The cell off the diagonal with the most pictures; the first on it if there is no mistake.

    >>> largest_mistake(((9, 1), (3, 7)))
    (1, 0)
    >>> largest_mistake(((9, 0), (0, 7)))
    (0, 0)
    """
    wrong = [(count, i, j) for i, row in enumerate(counts) for j, count in enumerate(row) if i != j and count]
    if not wrong:
        return 0, 0
    _, row, column = max(wrong, key=lambda cell: cell[0])
    return row, column


def _card(left: Left, one: Prediction) -> Card:
    return Card(shown(left.data, one.index), f"{one.probability:.1%}", one.probability, one.is_right)
