"""A folder of the computer that one sits at: read where it lies, nothing is copied."""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st

from core.datasets import listing_of, survey
from playground import lesson
from playground.jobs.orders import Source
from playground.training.data.own.local import FOLDERS, allowed_folder, why_not_local


def offer_folder(bring: Callable[[Source], None]) -> None:
    """A line for the folder's name, where that is allowed, or why it is not."""
    why_not = why_not_local(st.context.headers, st.context.ip_address, st.get_option("server.headless"))
    if why_not and not os.environ.get(FOLDERS):
        st.info(
            f"{why_not} A folder can be named only where browser and server are one computer: zip the folder and "
            f"upload it. Whoever runs the server can allow a folder for everybody with the variable {FOLDERS}.",
            icon=":material/lock:",
        )
        return
    with st.form("training-folder", border=False):
        text = st.text_input("A folder that holds a folder for each class", placeholder="~/pictures/pets")
        is_sent = st.form_submit_button("Use this folder", icon=":material/folder_open:")
    if is_sent:
        with lesson.friendly():
            path = allowed_folder(text, is_local=not why_not)
            survey(path)
            bring(Source(path.name, path=str(path), stamp=listing_of(path).fingerprint))
            st.rerun()
