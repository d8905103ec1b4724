"""What happens once a server, while its first visitor reads: torch is imported, and runs of before are gone on with."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from pathlib import Path

import streamlit as st

_spared = 0  # modules at the last time


@st.cache_resource(show_spinner=False)
def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=_warm_up, daemon=True).start()


def spare_modules() -> None:
    """Have garbage collection pass over what imported modules are made of, once there are more of them.

    Streamlit collects after every run of a script, and nothing else runs meanwhile: through all of torch that takes
    150 ms, which every move of every slider would wait for.
    """
    global _spared
    if len(sys.modules) != _spared:
        _spared = len(sys.modules)
        gc.collect()
        gc.freeze()


def _warm_up() -> None:
    importlib.import_module("torch")
    from core.datasets.cachedir import cache_folder

    if _has_unfinished_runs(cache_folder("training")):
        from playground.jobs.visitor import office

        office()  # its first round takes them up


def _has_unfinished_runs(folder: Path) -> bool:
    queue = folder / "queue"
    return queue.is_dir() and any(queue.iterdir())
