"""A confusion matrix whose cells are buttons: choose one, by pointer or arrow keys, to see the images in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from playground.charts.theme import DATA_SCALE
from playground.components import bundle

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "matrix",
    js=bundle.script(_HERE / "matrix.js", {"DATA_SCALE": DATA_SCALE}),
    css=bundle.style(_HERE / "matrix.css"),
)

Cell = tuple[int, int]  # true class, predicted class


def matrix(counts: Sequence[Sequence[int]], classes: Sequence[str], key: str, first: Cell) -> Cell:
    """Images by their true class (row) and their predicted class (column). Returns the chosen cell.

    `first` is chosen until somebody chooses. A cell is as dark as its share of its row.
    """
    chosen = chosen_cell(st.session_state.get(key), len(classes)) or first
    data = {"counts": [list(row) for row in counts], "classes": list(classes), "chosen": list(chosen)}
    _mount(data=data, key=key, on_cell_change=lambda: None)
    return chosen


def chosen_cell(state: object, classes: int) -> Cell | None:
    """What the browser sent, if it is a cell of the matrix; a browser can send anything.

    >>> chosen_cell({"cell": [1, 0]}, 2), chosen_cell({"cell": [1, 2]}, 2), chosen_cell({"cell": "x"}, 2)
    ((1, 0), None, None)
    """
    try:
        row, column = state["cell"]  # type: ignore[index]
    except (TypeError, ValueError, KeyError):
        return None
    fits = all(type(index) is int and 0 <= index < classes for index in (row, column))
    return (row, column) if fits else None
