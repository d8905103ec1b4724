"""The table that torchinfo prints, and why its figures are not ours."""

from __future__ import annotations

import streamlit as st

from core.torchinfo_summary import DIFFERENCES
from playground.calculator import results
from playground.calculator.results import Asked, Facts


def show(asked: Asked, found: Facts) -> None:
    """torchinfo's own text; it has none for a network that stops."""
    if found.profile is None:
        st.info("torchinfo has no summary of a network that stops in the middle; see the tab Layers.")
        return
    st.code(results.classic(asked), language=None)
    st.caption(DIFFERENCES)
