"""Light, dark, or as the system has it: Streamlit's own setting, for all pages at once."""

from __future__ import annotations

from collections.abc import Sequence

from playground.components import bundle

_mount = bundle.component("theme_toggle")


def theme_toggle(pages: Sequence[str], key: str) -> None:
    """The choice; `pages` are the last parts of the addresses of all pages but the first."""
    _mount(data={"pages": list(pages)}, key=key)
