"""What is selected or edited in tables and charts, as a browser says it: Streamlit takes any JSON for that."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from streamlit.elements.widgets import data_editor
from streamlit.elements.widgets.data_editor import INDEX_IDENTIFIER

if TYPE_CHECKING:
    import pandas as pd


def is_well_formed(value: Any) -> bool:
    """Whether a selection or the edits of a table have the types that Streamlit promises; of all else it is true.

    No table of ours lets its rows be added or deleted.

    >>> is_well_formed({"selection": {"rows": [2]}}), is_well_formed({"selection": {"rows": ["x"]}})
    (True, False)
    >>> is_well_formed({"edited_rows": {0: {"Use": True}}}), is_well_formed({"edited_rows": {0: 5}})
    (True, False)
    """
    if not isinstance(value, Mapping):
        return True
    return _is_selection(value.get("selection", {})) and _is_edit(value)


def _is_selection(selected: Any) -> bool:
    return isinstance(selected, Mapping) and all(
        isinstance(entries, list) and all(_SELECTED[name](entry) for entry in entries)
        for name, entries in selected.items()
        if name in _SELECTED
    )


def _is_edit(edits: Mapping[str, Any]) -> bool:
    rows = edits.get("edited_rows", {})
    return not (edits.get("added_rows") or edits.get("deleted_rows")) and all(
        _is_index(row) and isinstance(cells, Mapping) for row, cells in rows.items()
    )


def _is_index(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_cell(value: Any) -> bool:
    return len(value) == 2 and _is_index(value[0]) and isinstance(value[1], str)


_SELECTED: Mapping[str, Callable[[Any], bool]] = {
    "rows": _is_index,
    "columns": lambda value: isinstance(value, str),
    "cells": _is_cell,  # Streamlit has made tuples of them
    "point_indices": _is_index,
    "points": lambda value: isinstance(value, Mapping),
    "box": lambda value: isinstance(value, Mapping),
    "lasso": lambda value: isinstance(value, Mapping),
}


@functools.cache
def install() -> None:
    """Have edits of cells that a table does not have passed over; Streamlit would raise at every later run."""
    data_editor._apply_cell_edits = _within_the_table(data_editor._apply_cell_edits)


def _within_the_table(apply: Any) -> Any:
    def apply_cell_edits(table: pd.DataFrame, edits: Mapping[int, Mapping[str, Any]], schema: Any) -> None:
        columns = {INDEX_IDENTIFIER, *table.columns}
        known = {
            row: {column: value for column, value in cells.items() if column in columns}
            for row, cells in edits.items()
            if row < len(table)
        }
        apply(table, known, schema)

    return apply_cell_edits
