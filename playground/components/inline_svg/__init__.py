"""A drawing of ours on the page: SVG text that follows the theme, which `st.html` strips and `st.image` cannot do."""

from __future__ import annotations

from markupsafe import Markup

from playground import notebook
from playground.components import bundle

_mount = bundle.component("inline_svg")


def inline_svg(svg: Markup, key: str | None = None) -> None:
    """Show SVG, or HTML around it, made by `playground.markup`; `currentColor` and `--st-*` are the theme's.

    Its root carries `role="img"` and an `aria-label`.
    """
    _mount(data=svg, key=key)
    notebook.record("drawing", svg)
