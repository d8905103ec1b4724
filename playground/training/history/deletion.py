"""Runs that their owner wants no more, and runs that are damaged: each can be deleted."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from playground import refusal
from playground.identity import owner
from playground.job_manager import job_manager


def delete_button(name: str, run_id: str) -> None:
    """A button that asks once more, for a finished run of this visitor."""
    with st.popover(f"Delete {name}", icon=":material/delete:", key=f"delete-{name}"):
        st.caption("Its weights, curves and predictions are removed for good, and images that only it needed.")
        _button("Delete for good", run_id)


def damaged_runs() -> None:
    """This visitor's runs that cannot be read any more, each with a button; nothing if all can."""
    for run in job_manager().damaged_runs(owner()):
        date = datetime.fromtimestamp(run.changed_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/broken_image: A run of {date} is damaged on the server's disk, or was written by a newer "
                "version of this program, and cannot be shown. Delete it to free its space."
            )
            _button("Delete", run.run_id)


def _button(label: str, run_id: str) -> None:
    st.button(label, icon=":material/delete:", key=f"delete-{run_id}", on_click=_delete, args=(run_id,))


@refusal.toasted()
def _delete(run_id: str) -> None:
    job_manager().delete(owner(), run_id)
