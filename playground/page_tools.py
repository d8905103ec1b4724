"""What stands around every page: in the sidebar the theme and a button that copies the link; in a frame neither.

A page in a frame (`?embed=true`) keeps its title, its controls and what follows from them, and ends with a link to the
full page.
"""

from __future__ import annotations

import streamlit as st

from playground import catalog
from playground.components.page_address import copy_link, full_page_link, printed_address
from playground.components.theme_toggle import theme_toggle

PAGES = tuple(lesson.file for lesson in catalog.LESSONS)
LINK_HELP = "A link to this page as it is now: settings, tab, what is held or zoomed. Your own images are not in it."


def is_framed() -> bool:
    """Whether the page stands in another site's page."""
    return bool(st.context.is_embedded)


def sidebar() -> None:
    """Copy link, and the theme."""
    if is_framed():
        return
    with st.sidebar.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        copy_link("copy-link", about=LINK_HELP)
        theme_toggle(PAGES, "theme")


def foot() -> None:
    """The way out of a frame, and the address on a printed sheet."""
    if is_framed():
        full_page_link("full-page")
    printed_address("printed-address")
