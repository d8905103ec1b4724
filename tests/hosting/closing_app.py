"""An app that says how many sessions without a browser are kept; for `test_closed_tabs.py`."""

import streamlit as st
from streamlit import runtime

from playground.server import closed_tabs

if runtime.exists():  # it is an app that runs, and not a module whose examples are tried
    closed_tabs.install()
    st.text(f"{len(runtime.get_instance()._session_mgr._session_storage.list())} kept")
