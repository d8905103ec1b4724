"""Streamlit alone: what `axe.STREAMLITS` leaves out is here too. Its second page is the gate of the admin view."""

import streamlit as st

from playground.server import admin


def plain() -> None:
    st.title("Streamlit")
    st.code("a_long_line = " + " + ".join(map(str, range(1000))))


st.navigation({"One": [st.Page(plain, default=True)], "Two": [st.Page(admin.page, url_path="admin")]}).run()
