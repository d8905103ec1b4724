"""Gives the browser a cookie to keep, which Streamlit itself cannot; nothing is shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from playground.components import bundle

_mount = st.components.v2.component("cookie", js=bundle.script(Path(__file__).parent / "cookie.js"))


def keep_cookie(name: str, value: str) -> None:
    """Have the browser keep `value` (letters, digits, - and _) under `name` for half a year."""
    _mount(data={"name": name, "value": value}, key=f"cookie-{name}")
