"""The table that torchinfo prints, and why its figures are not ours."""

from __future__ import annotations

import streamlit as st

from core.classic import DIFFERENCES
from playground.calculator import facts
from playground.calculator.facts import Asked, Facts


def show(asked: Asked, found: Facts) -> None:
    """torchinfo's own text; it has none for a network that stops."""
    if found.profile is None:
        st.info("torchinfo cannot summarize a network that fails at a layer; see the Layers tab.")
        return
    st.code(facts.classic(asked), language=None)
    st.caption(DIFFERENCES)
