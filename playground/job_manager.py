"""The one job manager of this server."""

from __future__ import annotations

import streamlit as st

from core.jobs.job_manager import JobManager


@st.cache_resource(show_spinner=False, on_release=JobManager.close)
def job_manager() -> JobManager:
    """Made once for all visitors. What it gives out depends on whose name it is asked in.

    Raises: PlaygroundError if its folders cannot be used; a later call tries again.
    """
    return JobManager()
