"""The door: page settings, the menu from the catalogue, then the page that was asked for."""

import streamlit as st

from playground import door, lesson, link_aliases, warm

st.set_page_config(page_title="CNN Playground", page_icon=door.ICON, layout="wide")
warm.import_torch_in_background()

current, page = door.open_menu()
lesson.header(current)
link_aliases.apply(current.file)
page.run()
lesson.footer(current)
