"""What happens once a server, while its first visitor reads: torch is imported, and runs of before are gone on with."""

from __future__ import annotations

import importlib
import os
import threading
from pathlib import Path

import streamlit as st


@st.cache_resource(show_spinner=False)
def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=_warm_up, daemon=True).start()


def _warm_up() -> None:
    importlib.import_module("torch")
    from core.datasets.cachedir import cache_folder

    if _has_unfinished_runs(cache_folder("training")):
        from playground.jobs.visitor import office

        office()  # its first round takes them up


def _has_unfinished_runs(folder: Path) -> bool:
    queue = folder / "queue"
    return queue.is_dir() and any(queue.iterdir())
