"""A run while it goes on: how far it is, its curves, and closer looks at what it learns."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.live import curves, panels, status
from playground.training.pictures import look

TICK = 0.4  # seconds between two redraws, each of which keeps a browser busy for a tenth of a second
GONE = (
    "The decoded pictures of this run have made room for others. Choose the same pictures at the same side again, and "
    "what it has learnt comes back with them."
)
STEADY = "<style>.st-key-live [data-stale=true] { opacity: 1 !important; }</style>"  # a slow redraw does not fade


def watch(run_id: str) -> RunView:
    """Draw the run, again and again until it is over. Returns it as it stood at the first drawing."""
    view = job_manager().watch(owner(), run_id)
    st.html(STEADY)
    with st.container(key="live"):
        st.fragment(_draw, run_every=None if view.is_over else TICK)(run_id, view.is_over)
    return view


def _draw(run_id: str, was_over: bool) -> None:
    view = job_manager().watch(owner(), run_id)
    if view.is_over and not was_over:
        st.rerun()  # the whole page: what comes after a run can be shown now
    status.line(view)
    if view.began is None:
        look(view.source, view.size)
        return
    status.figures(view)
    if not job_manager().decoded_file(view.source, view.size).exists():
        st.info(GONE, icon=":material/hide_image:")
        return
    curves.show(view)
    panels.show(view)
