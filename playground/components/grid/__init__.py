"""A kernel as a coloured grid of numbers that can be typed into, walked with the arrow keys and dragged up and down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from playground.components import bundle

_mount = bundle.component("grid")


def grid(values: np.ndarray, key: str, label: str, on_edit: Callable[[np.ndarray], None] | None = None) -> None:
    """Show a kernel (kh, kw). With `on_edit`, cells take numbers, and it is called with the whole kernel after one.

    `label` names the grid to a screen reader.
    """

    def edited() -> None:
        rows = _cells(st.session_state.get(key), values.shape)
        if on_edit and rows is not None:
            on_edit(rows)

    data = {"values": np.asarray(values, dtype=float).tolist(), "label": label, "editable": on_edit is not None}
    _mount(data=data, key=key, on_edited_change=edited)


def _cells(state: object, shape: tuple[int, ...]) -> np.ndarray | None:
    """What the browser sent, if it is a finite kernel of the right shape; a browser can send anything."""
    try:
        rows = np.array(state["edited"], dtype=float)  # type: ignore[index]
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    return rows if rows.shape == shape and np.isfinite(rows).all() and np.abs(rows).max() <= 1e6 else None
