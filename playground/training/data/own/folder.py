"""A folder of the computer that one sits at: it is only read, nothing is copied."""

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

ERROR, NAME = "training folder error", "training-folder-name"  # in the session's state


def offer_folder() -> None:
    """A line for the folder's name, where that is allowed, or why it is not."""
    why_not = _why_not()
    if why_not and not os.environ.get(FOLDERS):
        st.info(
            f"{literal(why_not)} A folder can be opened only if browser and server run on the same computer: zip the "
            f"folder and upload it. Whoever runs the server can allow one for everybody by the variable `{FOLDERS}`.",
            icon=":material/lock:",
        )
        return
    with st.form("training-folder", border=False):
        st.text_input("Folder with one subfolder per class", placeholder="~/pictures/pets", key=NAME)
        st.form_submit_button("Use this folder", icon=":material/folder_open:", on_click=_use)
    if error := st.session_state.pop(ERROR, ""):
        lesson.refuse(error)


def _why_not() -> str:
    return why_not_local(st.context.headers, st.context.ip_address, st.get_option("server.headless"))


def _use() -> None:
    try:
        path = allowed_folder(st.session_state[NAME], is_local=not _why_not())
        survey(path)
        dataset_choice.add(Source(path.name, path=str(path), stamp=listing_of(path).fingerprint))
    except PlaygroundError as error:
        st.session_state[ERROR] = str(error)
