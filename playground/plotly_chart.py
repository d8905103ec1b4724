"""A Plotly chart on the page: our theme, what it shows in words for those who do not see it, a picture to save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from playground.charts.plotly_template import config

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plotly_chart(figure: Figure, key: str, alt: str, **rest: Any) -> Any:
    """Draw it and return its selection, if any; `key` also names the file that its camera button saves."""
    return st.plotly_chart(figure, key=key, alt=alt, config=config(key), theme="streamlit", **rest)
