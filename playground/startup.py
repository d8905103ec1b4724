"""What a server does in the background: import torch while its first visitor reads, take up runs of before, tidy up."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import os
import sys
import threading
import time
from pathlib import Path

from core.limits import limits
from playground.server import logs

QUIET_S = 20
SWITCH_S = 0.0002
M_ARENA_MAX, ARENAS = -8, 2  # glibc's name for the number of its heaps, and ours


@functools.cache
def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock."""
    logs.configure()
    _share_the_interpreter()
    _share_the_heap()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=_warm_up, daemon=True).start()


def _share_the_interpreter() -> None:
    """Have threads take turns more often than every 5 ms, which is Python's own interval.

    PyTorch gives the interpreter up at each operation, and while another thread is at work waits for up to an interval to
    get it back: at 5 ms a network of 1,500 small operations took 28 s beside three busy visitors, at 0.2 ms 0.06 s.
    """
    sys.setswitchinterval(SWITCH_S)


def _share_the_heap() -> None:
    """Have all threads allocate from two heaps: each answer has a thread of its own, and glibc keeps what each has freed.

    That is 8 heaps a core without it, none of which ever shrinks.
    """
    with contextlib.suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def _warm_up() -> None:
    torch = importlib.import_module("torch")
    torch.set_num_threads(limits().torch_threads)  # the threads of all visitors together are bounded by the gate
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
    `benchmarks/classroom.py`.
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
    """Free all garbage, and have later collections pass over what is left: modules and what sessions hold.

    What is free then goes back to the system.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
