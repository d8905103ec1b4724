"""What a server does in the background: import torch while its first visitor reads, take up runs of before, tidy up."""

from __future__ import annotations

import ast
import gc
import importlib
import logging
import os
import sys
import threading
import time
from pathlib import Path

import psutil

from core import heap
from core.limits import limits
from playground import computation_gate, first_imports, precomputation
from playground.server import (
    browser_messages,
    cache_bytes,
    closed_tabs,
    component_state,
    config_reads,
    disk_uploads,
    logs,
    media_addresses,
    script_threads,
    syntax_trees,
)

PAGES = Path(__file__).parents[1] / "pages"
IDEA = "lesson.idea"
QUIET_S, LEAST_S, BUSY_S = 5, 30, 60  # a pause; between two collections of everything: at least, and while it is busy
TRIM_S, LOOK_S = 2, 0.2  # between two trims, each of a few milliseconds; between two looks at whether it is due sooner
GROWN_BYTES = 25_000_000  # since the last trim
OLDEST = 2  # of Python's three generations of objects
SWITCH_S = 0.002
PROCESSES_AFTER_S = 10  # what a server's first visitors need comes first

_first_call = threading.Lock()  # never released
log = logging.getLogger(__name__)


def import_torch_in_background() -> None:
    """Start the import in a daemon thread; a page that needs torch sooner simply waits for the import lock.

    Only the first call does something, also of several at once.
    """
    if not _first_call.acquire(blocking=False):
        return
    logs.configure()
    browser_messages.install()
    closed_tabs.install()
    config_reads.install()
    script_threads.install()
    syntax_trees.install()
    component_state.install()
    cache_bytes.bound()
    _share_the_interpreter()
    heap.keep_small()
    heap.keep_few_kernels()
    disk_uploads.keep_on_disk()
    media_addresses.make_secret()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else torch's threads spin while they wait, and others starve
    threading.Thread(target=_warm_up, daemon=True).start()


def _share_the_interpreter() -> None:
    """Have threads take turns more often than every 5 ms, which is Python's own interval.

    PyTorch gives the interpreter up at each operation, and while another thread is at work waits for up to an interval
    to get it back. Far shorter turns cost a class more than they give: `docs/load.md`.
    """
    sys.setswitchinterval(SWITCH_S)


def _warm_up() -> None:
    with first_imports.one_at_a_time("torch"):
        torch = importlib.import_module("torch")
    torch.set_num_threads(limits().torch_threads)  # of each computation; how many there are, the gate bounds
    threading.Thread(target=_trim, name="trim", daemon=True).start()
    _look_after_runs()
    time.sleep(PROCESSES_AFTER_S)
    computation_gate.pool().start()
    threading.Thread(target=precomputation.run, name="precomputation", daemon=True).start()
    _collect_when_quiet()


def import_pages() -> None:
    """Import all that pages import, so that the first visitors of each do not wait for it, one after another."""
    for file in sorted(PAGES.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        with first_imports.one_at_a_time(_idea(tree)):
            exec(compile(ast.Module(imports, []), str(file), "exec"), {})


def _idea(page: ast.Module) -> str:
    """The sentence of a page, under which `lesson.idea` imports what it needs."""
    ideas = (node.args[0] for node in ast.walk(page) if isinstance(node, ast.Call) and ast.unparse(node.func) == IDEA)
    return next((one.value for one in ideas if isinstance(one, ast.Constant)), "")


def _look_after_runs() -> None:
    """Take up unfinished runs, and remove uploads whose time is over, before anybody opens the training page."""
    from core.datasets.cachedir import cache_folder
    from core.errors import PlaygroundError
    from core.storage_errors import storage_errors

    try:
        with storage_errors():
            if _has_runs_or_uploads(cache_folder("training")):
                from playground.job_manager import job_manager

                job_manager()  # its supervisor does both
    except PlaygroundError as error:
        log.warning("%s", error)


def close() -> None:
    """End the processes that compute and those that train, if any were started."""
    computation_gate.pool().close()
    job_manager = sys.modules.get("playground.job_manager")
    if job_manager is not None:
        job_manager.close()


def _has_runs_or_uploads(folder: Path) -> bool:
    return any((folder / part).is_dir() and any((folder / part).iterdir()) for part in ("queue", "uploads"))


def _collect_when_quiet() -> None:
    """Look through everything for garbage in the pauses of a busy time, and in one without pauses every `BUSY_S`.

    That stops every thread for a third of a second. In between, Python collects as it goes, and only among what has
    been made since (`.streamlit/config.toml` turns off Streamlit's own collection, of everything after each run of a
    script). Memory stays bounded: `benchmarks/classroom.py`.
    """
    gc.callbacks.append(_pass_over_survivors)
    is_due, before, last = True, _collections(), time.monotonic()
    while True:
        time.sleep(QUIET_S)
        now = _collections()
        is_due |= now != before
        if is_due and time.monotonic() - last > (LEAST_S if now == before else BUSY_S):
            collect_everything()
            is_due, last = False, time.monotonic()
        before = now


def _trim() -> None:
    """Give back what the heaps hold in vain: an inspected network takes a hundred megabytes for half a second.

    At once where that has grown much: thirty visitors leave so much in two seconds that it was a part of the peak.
    """
    from core import file_tensors  # with PyTorch, which is there by now

    process = psutil.Process()
    while True:
        file_tensors.let_go_of_all()
        heap.trim()
        last, trimmed_bytes = time.monotonic(), process.memory_info().rss
        while time.monotonic() - last < TRIM_S and process.memory_info().rss < trimmed_bytes + GROWN_BYTES:
            time.sleep(LOOK_S)


def _pass_over_survivors(phase: str, collection: dict[str, int]) -> None:
    """What is left by one of Python's own collections of everything lives long: the next one passes over it.

    Else each looks through all that a class has made, in which nobody is served: for a second, once in some seconds.
    """
    if phase == "stop" and collection["generation"] == OLDEST:
        gc.freeze()


def _collections() -> int:
    """How often Python has collected by itself, once in seven thousand new objects: unchanged while nobody is here."""
    return gc.get_stats()[1]["collections"]


def collect_everything() -> None:
    """Free all garbage, and have later collections pass over what is left: modules and what sessions hold."""
    gc.unfreeze()
    heap.give_back_free_memory()
    gc.freeze()
