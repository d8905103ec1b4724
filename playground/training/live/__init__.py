"""A run in progress: how far it is, its curves, and panels on the network."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.identity import owner
from playground.job_manager import job_manager
from playground.markup import style_sheet
from playground.training.live import curves, panels, status
from playground.training.pictures import show_samples

REFRESH_S = 0.4  # between two redraws, each of which keeps a browser busy for a tenth of a second
REMOVED = (
    "The decoded images of this run were removed to free space. Choose the same dataset and size again to restore them."
)
NO_FADING = style_sheet(".st-key-live [data-stale=true] { opacity: 1 !important; }")  # a slow redraw does not fade


def watch(run_id: str) -> RunView:
    """Draw the run, again and again until it is over. Returns it as it stood at the first drawing."""
    view = job_manager().watch(owner(), run_id)
    st.html(NO_FADING)
    with st.container(key="live"):
        st.fragment(_draw, run_every=None if view.is_over else REFRESH_S)(run_id, view.is_over)
    return view


def _draw(run_id: str, was_over: bool) -> None:
    view = job_manager().watch(owner(), run_id)
    if view.is_over and not was_over:
        st.rerun()  # the whole page: what comes after a run can be shown now
    status.line(view)
    if view.began is None:
        show_samples(view.source, view.size)
        return
    status.figures(view)
    if not job_manager().decoded_file(view.source, view.size).exists():
        st.info(REMOVED, icon=":material/hide_image:")
        return
    curves.show(view)
    panels.show(view)
