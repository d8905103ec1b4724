"""What a server does in the background: import torch while its first visitor reads, take up runs of before, tidy up."""

from __future__ import annotations

import functools
import gc
import importlib
import os
import threading
import time
from pathlib import Path

from core import heap
from playground.server import logs

QUIET_S = 20


@functools.cache
def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock."""
    logs.configure()
    heap.keep_small()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=_warm_up, daemon=True).start()


def _warm_up() -> None:
    importlib.import_module("torch")
    from core.datasets.cachedir import cache_folder

    if _has_unfinished_runs(cache_folder("training")):
        from playground.job_manager import job_manager

        job_manager()  # its supervisor takes them up
    _collect_when_quiet()


def _has_unfinished_runs(folder: Path) -> bool:
    queue = folder / "queue"
    return queue.is_dir() and any(queue.iterdir())


def _collect_when_quiet() -> None:
    """Look through everything for garbage whenever a busy time is over: that stops every thread for half a second.

    In between, Python collects as it goes, and only among what has been made since (`.streamlit/config.toml` turns off
    Streamlit's own collection, of everything after each run of a script). Memory stays bounded:
    `benchmarks/load_test.py`.
    """
    was_busy, before = True, _collections()
    while True:
        time.sleep(QUIET_S)
        now = _collections()
        if was_busy and now == before:
            collect_everything()
        was_busy, before = now != before, now


def _collections() -> int:
    """How often Python has collected by itself, once in seven thousand new objects: unchanged while nobody is here."""
    return gc.get_stats()[1]["collections"]


def collect_everything() -> None:
    """Free all garbage, and have later collections pass over what is left: modules and what sessions hold."""
    gc.unfreeze()
    heap.give_back_free_memory()
    gc.freeze()
