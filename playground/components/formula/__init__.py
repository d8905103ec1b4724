"""Formulas with this moment's numbers in them: MathML, put in place without mounting anything anew."""

from __future__ import annotations

import streamlit as st

from playground import notebook
from playground.components import bundle
from playground.components.formula.mathml import mathml

_mount = bundle.component("formula")
_cached_mathml = st.cache_data(mathml, max_entries=2000, show_spinner=False)


def formula(*blocks: str | tuple[str, str], key: str) -> None:
    """Blocks of LaTeX side by side, or below each other where they do not fit; a pair is a title and its LaTeX.

    For what a slider moves: `st.latex` lays out every formula with KaTeX in each redraw, which costs tens of
    milliseconds. Raises: ValueError for LaTeX outside of the subset that `mathml` reads.
    """
    pairs = [("", block) if isinstance(block, str) else block for block in blocks]
    _mount(data=[{"title": title, "math": _cached_mathml(latex)} for title, latex in pairs], key=key)
    for _, latex in pairs:
        notebook.record("formula", latex)
