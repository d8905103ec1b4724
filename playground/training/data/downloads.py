"""Sets that are fetched on a click, once for everybody on this server."""

from __future__ import annotations

import streamlit as st

from core.datasets import REMOTE, Downloads, Standing, arrived_bytes, is_downloaded
from playground import lesson, units
from playground.identity import owner
from playground.training.data import dataset_choice, text

LOOK_AGAIN = 0.5  # seconds


@st.cache_resource(show_spinner=False)
def downloads() -> Downloads:
    """The downloads of this server; whoever clicks joins."""
    return Downloads()


def offer(name: str) -> None:
    """The buttons of one set: use it, download it, or watch how far it is and give up."""
    is_going = (standing := downloads().standing(name)) is not None and standing.is_going
    st.fragment(_offer, run_every=LOOK_AGAIN if is_going else None)(name, is_going)


def _offer(name: str, was_going: bool) -> None:
    dataset_choice.follow()
    standing = downloads().standing(name)
    is_going = standing is not None and standing.is_going
    if is_going != was_going:
        st.rerun()  # the whole page: it is there, it failed, or it began and has to be watched
    if is_going:
        _watch(name, standing)
    elif is_downloaded(name):
        st.button(
            "Use these", key=f"use-{name}", on_click=dataset_choice.take, args=(name,), type="primary", width="stretch"
        )
    else:
        if standing is not None:
            lesson.refuse(standing.error)
        _start(name)


def _start(name: str) -> None:
    here, whole = arrived_bytes(name), REMOTE[name].size_bytes
    if here:
        st.caption(f"{units.decimal(here)} of {units.decimal(whole)} are here already.")
    label = "Go on" if here else "Download"
    looks = {"icon": ":material/download:", "width": "stretch"}
    st.button(label, key=f"download-{name}", on_click=downloads().join, args=(name, owner()), **looks)


def _watch(name: str, standing: Standing) -> None:
    st.progress(standing.share, text.progress(standing))
    if standing.people > 1:
        st.caption(f"{standing.people} people wait for it; it is downloaded once.")
    if downloads().is_wanted_by(name, owner()):
        looks = {"icon": ":material/close:", "width": "stretch"}
        label = "Cancel" if standing.people == 1 else "Do not wait for it"
        st.button(label, key=f"cancel-{name}", on_click=downloads().leave, args=(name, owner()), **looks)
