"""The door: page settings, the menu from the catalogue, then the page that was asked for."""

import streamlit as st

from playground import lesson, link_aliases, navigation, notebook, startup

st.set_page_config(page_title="CNN Playground", page_icon=navigation.ICON, layout="wide")
startup.import_torch_in_background()

current, page = navigation.open_menu()
lesson.header(current)
link_aliases.apply(current.file)
with notebook.page(current.file) as shown:
    page.run()
lesson.footer(current, shown)
