"""Importing torch takes over a second; it happens once a server, while the first visitor reads the home page."""

from __future__ import annotations

import importlib
import os
import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=importlib.import_module, args=("torch",), daemon=True).start()
