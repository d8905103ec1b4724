"""A guard beside a text box: what is far too long is refused with a sentence before the browser takes it in."""

from __future__ import annotations

from playground.components import bundle

_mount = bundle.component("paste_limit")


def guard(most: int, advice: str, key: str) -> None:
    """Refuse to paste or drop a text into a box of the page that would then hold more than `most` characters.

    A box that is only limited would let it in and throw it away: millions of characters freeze the page for a minute,
    and nothing says why the box is empty. `advice` says what to do instead.
    """
    _mount(data={"most": most, "advice": advice}, key=key)
