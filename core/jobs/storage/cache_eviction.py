"""Decoded images that everybody shares, within a limit: what was not used for longest goes first.

Those of uploads are not here: they lie beside their archive, and go with it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection
from pathlib import Path

from core.datasets.cachedir import exclusively
from core.jobs.storage.decoded_images import PIXELS, remove_decoded
from core.limits import limits

CAP_BYTES = limits().decoded_bytes  # of all decoded named sets and folders
HALF_S = 86_400.0  # after which what is not finished was left by a process that died


def evict(folder: Path, needed: Callable[[], Collection[Path]], cap: int | None = None) -> None:
    """Remove the sets in `folder` that were not used for longest until the rest has at most `cap` bytes (`CAP_BYTES`).

    Those that `needed()` names stay, even if that is more than the cap; it is asked only when there is too much.
    Whoever has a set mapped keeps reading it, and a set that is being written is left alone.
    """
    for half in folder.glob("*.half"):
        if _last_used(half) < time.time() - HALF_S:
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)
    cap = CAP_BYTES if cap is None else cap
    sizes = {path: _size(path) for path in folder.glob("*.pt")}
    if sum(sizes.values()) <= cap:
        return
    keep = set(needed())
    for path in sorted(sizes, key=_last_used):
        if path not in keep and _remove(path):
            del sizes[path]
        if sum(sizes.values()) <= cap:
            return


def _size(path: Path) -> int:
    """Bytes of a set: what is known of it, and its pixels."""
    return sum(file.stat().st_size for file in (path, path.with_suffix(PIXELS)) if file.exists())


def _last_used(path: Path) -> float:
    """When a file was used last (seconds since 1970); 0 if it is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(path: Path) -> bool:
    """Remove a set, unless somebody is at work on it."""
    with contextlib.suppress(BlockingIOError), exclusively(path, _busy):
        remove_decoded(path)
        return not path.exists()
    return False


def _busy() -> None:
    raise BlockingIOError
