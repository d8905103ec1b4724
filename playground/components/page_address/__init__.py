"""The address of the page as it is now, what components hold included: to copy, to open outside of a frame, to print.

Only the browser knows it, so that it is put together there.
"""

from __future__ import annotations

from playground.components import bundle

_mount = bundle.component("page_address")


def copy_link(key: str, label: str = "Copy link", query: str = "", about: str = "") -> None:
    """A button that puts the page's address on the clipboard; one with that `query` instead of the page's if given.

    `about` is its tooltip.
    """
    _mount(data={"kind": "copy", "label": label, "query": query, "about": about}, key=key)


def full_page_link(key: str, label: str = "Open the full page") -> None:
    """A link from a page in a frame to the same state with menu and notebook, in a new tab."""
    _mount(data={"kind": "open", "label": label}, key=key)


def printed_address(key: str) -> None:
    """A line with address and date that only a printed sheet has."""
    _mount(data={"kind": "print"}, key=key)
