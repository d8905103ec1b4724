"""A folder of the computer that one sits at: read where it lies, nothing is copied."""

from __future__ import annotations

import os

import streamlit as st

from core.datasets import listing_of, survey
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from playground import lesson
from playground.escaping import literal
from playground.training.data import dataset_choice
from playground.training.data.own.local import FOLDERS, allowed_folder, why_not_local

SAID, NAME = "training folder said", "training-folder-name"  # in the session's state


def offer_folder() -> None:
    """A line for the folder's name, where that is allowed, or why it is not."""
    why_not = _why_not()
    if why_not and not os.environ.get(FOLDERS):
        st.info(
            f"{literal(why_not)} A folder can be named only where browser and server are one computer: zip the folder "
            f"and upload it. Whoever runs the server can allow a folder for everybody with the variable {FOLDERS}.",
            icon=":material/lock:",
        )
        return
    with st.form("training-folder", border=False):
        st.text_input("A folder that holds a folder for each class", placeholder="~/pictures/pets", key=NAME)
        st.form_submit_button("Use this folder", icon=":material/folder_open:", on_click=_use)
    if said := st.session_state.pop(SAID, ""):
        lesson.refuse(said)


def _why_not() -> str:
    return why_not_local(st.context.headers, st.context.ip_address, st.get_option("server.headless"))


def _use() -> None:
    try:
        path = allowed_folder(st.session_state[NAME], is_local=not _why_not())
        survey(path)
        dataset_choice.bring(Source(path.name, path=str(path), stamp=listing_of(path).fingerprint))
    except PlaygroundError as error:
        st.session_state[SAID] = str(error)
