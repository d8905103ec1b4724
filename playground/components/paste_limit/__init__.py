"""A guard beside a text box: what is far too long is refused with a sentence before the browser takes it in."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from playground.components import bundle

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "paste_limit",
    js=bundle.script(_HERE / "paste_limit.js"),
    css=bundle.style(_HERE / "paste_limit.css"),
    html='<p role="alert"></p>',
)


def guard(most: int, advice: str, key: str) -> None:
    """Refuse to paste or drop a text into a box of the page that would then hold more than `most` characters.

    A box that is only limited would let it in and throw it away: millions of characters freeze the page for a minute,
    and nothing says why the box is empty. `advice` says what to do instead.
    """
    _mount(data={"most": most, "advice": advice}, key=key)
