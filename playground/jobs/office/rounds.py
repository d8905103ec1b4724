"""Somebody who walks through the office every few seconds: ends what is over, mends what broke, adopts orphans."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from core.errors import PlaygroundError

if TYPE_CHECKING:
    from playground.jobs.office.office import Office

EVERY = 2.0  # seconds between two rounds
ADOPT_EVERY = 5  # rounds
IDLE = 600.0  # seconds after which a finished run that nobody looks at leaves the memory

log = logging.getLogger(__name__)


class Rounds:
    """A thread that ends with the office."""

    def __init__(self, office: Office) -> None:
        self._office, self._end = office, threading.Event()
        threading.Thread(target=self._walk, daemon=True, name="rounds").start()

    def close(self) -> None:
        """No more rounds."""
        self._end.set()

    def _walk(self) -> None:
        count = 0
        while True:
            try:
                self._round(adopting=count % ADOPT_EVERY == 0)
            except PlaygroundError:  # the office is closing
                return
            except Exception:
                log.exception("a round through the training office failed")
            count += 1
            if self._end.wait(EVERY):
                return

    def _round(self, adopting: bool) -> None:
        self._office.mend()
        for run in self._office.open_runs():
            self._office.look_after(run)
        if adopting:
            self._office.adopt()
            self._office.put_aside(IDLE)
