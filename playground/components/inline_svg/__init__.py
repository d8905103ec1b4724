"""A drawing of ours on the page: SVG text that follows the theme, which `st.html` strips and `st.image` cannot do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from markupsafe import Markup

from playground import notebook
from playground.components import bundle

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "inline_svg", js=bundle.script(_HERE / "inline_svg.js"), css=bundle.style(_HERE / "inline_svg.css")
)


def inline_svg(svg: Markup, key: str | None = None) -> None:
    """Show SVG, or HTML around it, made by `playground.markup`; `currentColor` and `--st-*` are the theme's.

    Its root carries `role="img"` and an `aria-label`.
    """
    _mount(data=svg, key=key)
    notebook.record("drawing", svg)
