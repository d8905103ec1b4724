"""Whether the server can serve, for whatever starts it again or sends it visitors."""

from __future__ import annotations

import os
import shutil

from streamlit import runtime

from core.datasets.cachedir import cache_folder
from core.errors import PlaygroundError

OK = "ok"
MIN_FREE_BYTES = 200_000_000  # of the disk, for checkpoints and uploads


def checks() -> dict[str, str]:
    """Part -> "ok", or what is wrong with it in a few words that say nothing about the machine."""
    return {"server": _server(), "storage": _storage()}


def status_code(found: dict[str, str]) -> int:
    """503 if no page can be served. A full disk stops runs but not lessons, and a restart would not mend it: 200."""
    return 200 if found["server"] == OK else 503


def summary(found: dict[str, str]) -> str:
    """One word for all: ok, degraded or unavailable.

    >>> summary({"server": "ok", "storage": "disk full"})
    'degraded'
    """
    if found["server"] != OK:
        return "unavailable"
    return OK if set(found.values()) == {OK} else "degraded"


def _server() -> str:
    states = runtime.RuntimeState
    if not runtime.exists() or runtime.get_instance().state in (states.INITIAL, states.STOPPING, states.STOPPED):
        return "not serving"
    return OK


def _storage() -> str:
    try:
        folder = cache_folder("training")
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return "not writable"
        return OK if shutil.disk_usage(folder).free >= MIN_FREE_BYTES else "disk full"
    except (OSError, PlaygroundError):
        return "not there"
