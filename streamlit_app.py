"""The door: page settings, the menu from the catalogue, then the page that was asked for."""

import streamlit as st

from playground import catalog, lesson, warm

st.set_page_config(page_title="CNN Playground", page_icon=":material/grid_view:", layout="wide")
warm.import_torch_in_background()

pages = {page: st.Page(page.path, title=page.title, icon=page.icon) for page in catalog.LESSONS}
home = st.Page(catalog.HOME.path, title=catalog.HOME.title, icon=catalog.HOME.icon, default=True)
menu = {"": [home]} | {
    section: [pages[page] for page in catalog.LESSONS if page.section == section]
    for section in catalog.SECTIONS
    if any(page.section == section for page in catalog.LESSONS)
}

chosen = st.navigation(menu)
current = next((page for page, st_page in pages.items() if st_page is chosen), catalog.HOME)
lesson.header(current)
chosen.run()
lesson.footer(current)
