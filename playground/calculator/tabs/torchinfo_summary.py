"""The table that torchinfo prints, and why its figures are not ours."""

from __future__ import annotations

import streamlit as st

from core.torchinfo_summary import DIFFERENCES
from playground.calculator import results
from playground.calculator.results import Analysis


def show(analysis: Analysis) -> None:
    """torchinfo's own text; it has none for a network that fails at a layer."""
    if analysis.profile is None:
        st.info("torchinfo cannot summarize a network that fails at a layer; see the Layers tab.")
        return
    text = results.torchinfo(analysis.spec, analysis.input_shape, analysis.setting.batch_size)
    st.code(text, language=None)
    st.caption(DIFFERENCES)
