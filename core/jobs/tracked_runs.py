"""The office's own file on a run: its folder, and what its diary has told so far."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from core.jobs.job_spec import Order
from core.jobs.run_state import OVER, PAUSED, Board, View
from core.jobs.storage.event_log import Reader
from core.jobs.storage.run_folder import RunFolder


@dataclass
class Run:
    """A run that was looked at lately, or that is not over."""

    order: Order
    folder: RunFolder
    board: Board
    reader: Reader
    looked_at: float = field(default_factory=time.monotonic)
    reading: threading.Lock = field(default_factory=threading.Lock)
    steering: threading.RLock = field(default_factory=threading.RLock)  # held while it is sent, called back or settled

    @classmethod
    def open(cls, folder: RunFolder) -> Run | None:
        """The run in a folder; None if its order cannot be read."""
        order = folder.order()
        if order is None:
            return None
        view = View(order.run_id, order.source, order.size, order.config, order.device, order.since)
        run = cls(order, folder, Board(view), folder.reader())
        run.catch_up()
        return run

    def catch_up(self, looking: bool = True) -> None:
        """Read what the diary has new; `looking`: for somebody who will see it."""
        with self.reading:
            if looking:
                self.looked_at = time.monotonic()
            for bundle in self.reader.new():
                self.board.hear(bundle.said, bundle.at)

    def say(self, **message: object) -> None:
        """Write into the diary, and know it."""
        self.folder.say(message)
        self.catch_up()

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.board.state in OVER

    @property
    def is_parked(self) -> bool:
        """Whether it is paused and has left its device to others."""
        return self.board.state == PAUSED and self.board.is_parked
