"""Gives the browser a cookie to keep, which Streamlit itself cannot; nothing is shown."""

from __future__ import annotations

from playground.components import bundle

_mount = bundle.component("cookie")


def keep_cookie(name: str, value: str) -> None:
    """Have the browser keep `value` (letters, digits, - and _) under `name` for half a year."""
    _mount(data={"name": name, "value": value}, key=f"cookie-{name}")
