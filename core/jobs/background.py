"""Work for which no page waits, each piece of it once at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from core.errors import PlaygroundError
from core.jobs.processes.dispatch import ServerClosing
from core.storage_errors import storage_errors

log = logging.getLogger(__name__)

_under_way: set[tuple[object, ...]] = set()
_under_way_lock = threading.Lock()


def in_background(work: Callable[..., object], *arguments: object) -> None:
    """Do it in a thread; nothing happens where just that is under way, as for every page while processes start."""
    what = (work, *arguments)
    with _under_way_lock:
        if what in _under_way:
            return
        _under_way.add(what)

    def run() -> None:
        try:
            with storage_errors():
                work(*arguments)
        except ServerClosing:
            pass
        except PlaygroundError as error:  # nobody waits for this
            log.warning("%s", error)
        finally:
            with _under_way_lock:
                _under_way.discard(what)

    threading.Thread(target=run, daemon=True).start()
