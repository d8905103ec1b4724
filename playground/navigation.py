"""The menu: the catalogue as Streamlit's navigation, and the page that is open."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.pages_manager import PagesManager

from playground import catalog
from playground.server import access

ICON = str(Path(__file__).with_name("icon.svg"))  # an icon by name would be fetched from the internet by every browser
ADMIN = catalog.Lesson("admin", "Server status", ":material/monitoring:", "", "For whoever runs the server")


def open_menu() -> tuple[catalog.Lesson, Page]:
    """Draw the menu; returns the page that is open, as the catalogue and as Streamlit know it."""
    pages = {page: _page(page) for page in (catalog.HOME, *catalog.LESSONS)}
    sections = dict.fromkeys(page.section for page in pages)
    menu = {section: [pages[page] for page in pages if page.section == section] for section in sections}
    if access.is_configured():  # else there is no such page
        pages[ADMIN] = st.Page(_admin, title=ADMIN.title, icon=ADMIN.icon, url_path=ADMIN.file, visibility="hidden")
        menu[ADMIN.section].append(pages[ADMIN])
    place = "hidden" if st.context.is_embedded else "sidebar"
    chosen = st.navigation(menu, position=place, expanded=True)  # all pages are in sight
    return next(page for page in pages if pages[page] is chosen), chosen


def ensure_navigation() -> None:
    """Called first by every page: set up the menu and start again if the page was run without `streamlit_app.py`.

    A folder named `pages` makes Streamlit run the page itself, without `streamlit_app.py`, until something has called
    `st.navigation` once on this server: the very first visitor of a deep link would get no title and a wrong menu.
    """
    if PagesManager.uses_pages_directory:
        st.set_page_config(page_icon=ICON, layout="wide")  # before the menu, whose icons would else be fetched
        open_menu()
        st.rerun()


def use_menu_from_the_start() -> None:
    """Have the server know, before its first visitor, that the menu decides and not the folder named `pages`."""
    PagesManager.uses_pages_directory = False


def _page(page: catalog.Lesson) -> Page:
    return st.Page(page.path, title=page.title, icon=page.icon, default=page is catalog.HOME)


def _admin() -> None:
    from playground.server import admin

    admin.page()
