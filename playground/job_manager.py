"""The one job manager of this server."""

from __future__ import annotations

import contextlib

import streamlit as st

from core.jobs.job_manager import JobManager

_opened: list[JobManager] = []


@st.cache_resource(show_spinner=False, on_release=JobManager.close)
def job_manager() -> JobManager:
    """Made once for all visitors. What it gives out depends on whose name it is asked in.

    Raises: PlaygroundError if its folders cannot be used; a later call tries again.
    """
    manager = JobManager()
    _opened.append(manager)
    return manager


def close() -> None:
    """The server ends: so do its training processes, and their runs wait for the next one."""
    with contextlib.suppress(IndexError):
        while True:
            _opened.pop().close()
