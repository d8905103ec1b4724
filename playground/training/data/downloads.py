"""Datasets that are downloaded on a click, once for everybody on this server."""

from __future__ import annotations

import streamlit as st

from core.datasets import REMOTE, DownloadManager, DownloadState, downloaded_bytes, is_downloaded
from playground import lesson, units
from playground.identity import owner
from playground.training.data import dataset_choice

REFRESH_S = 0.5


@st.cache_resource(show_spinner=False)
def downloads() -> DownloadManager:
    """The downloads of this server; everybody who clicks joins."""
    return DownloadManager()


def offer(name: str) -> None:
    """The buttons of one dataset: use it, download it, or watch the progress and cancel."""
    is_running = (state := downloads().state_of(name)) is not None and state.is_running
    lesson.fragment(_offer, run_every=REFRESH_S if is_running else None)(name, is_running)


def _offer(name: str, was_running: bool) -> None:
    dataset_choice.follow()
    state = downloads().state_of(name)
    is_running = state is not None and state.is_running
    if is_running != was_running:
        st.rerun()  # the whole page: it is there, it failed, or it began and has to be watched
    if is_running:
        _watch(name, state)
    elif is_downloaded(name):
        dataset_choice.use_button(name)
    else:
        if state is not None:
            lesson.refuse(state.error)
        _start(name)


def _start(name: str) -> None:
    arrived, whole = downloaded_bytes(name), REMOTE[name].size_bytes
    if arrived:
        st.caption(f"{units.decimal(arrived)} of {units.decimal(whole)} already downloaded.")
    label = "Resume" if arrived else "Download"
    options = {"icon": ":material/download:", "width": "stretch"}
    st.button(label, key=f"download-{name}", on_click=downloads().join, args=(name, owner()), **options)


def _watch(name: str, state: DownloadState) -> None:
    st.progress(state.share, progress(state))
    if state.people > 1:
        st.caption(f"{state.people} people are waiting; it is downloaded once for all.")
    if downloads().is_wanted_by(name, owner()):
        options = {"icon": ":material/close:", "width": "stretch"}
        label = "Cancel" if state.people == 1 else "Stop waiting"
        st.button(label, key=f"cancel-{name}", on_click=downloads().leave, args=(name, owner()), **options)


def progress(state: DownloadState) -> str:
    """The progress of a download, in words.

    >>> progress(DownloadState(12_300_000, 68_606_236, 1, 34.2))
    '12.30 MB of 68.61 MB, about 34 s left'
    """
    if state.is_unpacking:
        return "Downloaded. Verifying and sorting into classes …"
    left = "" if state.seconds_left is None else f", about {duration(state.seconds_left)} left"
    return f"{units.decimal(state.done)} of {units.decimal(state.total)}{left}"


def duration(seconds: float) -> str:
    """
    >>> duration(34.2), duration(200), duration(7300)
    ('34 s', '3 min', '2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
