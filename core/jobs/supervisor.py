"""Somebody who walks through the office every few seconds: ends what is over, mends what broke, adopts orphans."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from typing import TYPE_CHECKING

from core.errors import PlaygroundError
from core.jobs.storage.run_folder import PAUSE, RUN
from core.jobs.tracked_runs import Run

if TYPE_CHECKING:
    from core.jobs.job_manager import Office

EVERY = 2.0  # seconds between two rounds
ADOPT_EVERY = 5  # rounds
TIDY_EVERY = 1800
IDLE = 600.0  # seconds after which a finished run that nobody looks at leaves the memory

log = logging.getLogger(__name__)


class Rounds:
    """A thread that ends with the office, and what it does on its way."""

    def __init__(self, office: Office) -> None:
        self._office, self._end = office, threading.Event()
        threading.Thread(target=self._walk_on, daemon=True, name="rounds").start()

    def close(self) -> None:
        """No more rounds."""
        self._end.set()

    def _walk_on(self) -> None:
        count = 0
        while not self._end.is_set():
            try:
                self.walk(count)
            except PlaygroundError:  # the office is closing
                return
            except Exception:
                log.exception("a round through the training office failed")
            count += 1
            self._end.wait(EVERY)

    def walk(self, count: int) -> None:
        """One round, the `count`th."""
        if self._office.dispatch.is_broken:
            self._office.cluster()
        for run in self.in_hand():
            with run.steering:
                self._settle(run)
        if count % ADOPT_EVERY == 0:
            self.adopt()
            self._put_aside()
        if count % TIDY_EVERY == 0:
            self._office.finders.tidy()
            self._office.make_room()
            for owner in self._office.shelf.owners():
                self._office.tidy(owner)

    def in_hand(self) -> list[Run]:
        """What was sent from here and is not known to be over."""
        return [run for run in self._office.loaded() if self._office.dispatch.knows(run.order.run_id)]

    def _settle(self, run: Run) -> None:
        """A run that is over, that broke, or whose owner is gone."""
        run.catch_up(looking=False)
        run_id, reason = run.order.run_id, self._office.dispatch.broke(run.order.run_id)
        if reason and not run.is_over:
            self._office.end(run, reason)
        elif run.is_over or run.is_parked:
            self._office.shelf.dequeue(run_id)
            self._office.dispatch.drop(run_id)
        elif self._is_away(run):
            run.folder.wish(dataclasses.replace(run.folder.wishes(), command=PAUSE, away=True))

    def _is_away(self, run: Run) -> bool:
        seen = max(run.order.since, self._office.shelf.seen(run.order.owner))
        return run.folder.wishes().command == RUN and time.time() - seen > self._office.away

    def adopt(self) -> None:
        """Go on with unfinished runs of servers that are gone."""
        office = self._office
        with office.offices.alone():
            for turn in office.shelf.queue():
                run = office.run_of(turn.owner, turn.run_id)
                order = run.folder.order() if run else None
                if order is None:
                    office.shelf.dequeue(turn.run_id)
                elif not office.dispatch.knows(turn.run_id) and not office.offices.is_open(order.office):
                    with run.steering:
                        self._adopt(run)

    def _adopt(self, run: Run) -> None:
        run.catch_up()
        if run.is_over or run.is_parked:
            self._office.shelf.dequeue(run.order.run_id)
            return
        self._office.claim(run)
        if self._office.cluster().is_ours:
            run.say(kind="Called")
        self._office.dispatch.send(run)

    def _put_aside(self) -> None:
        """What has been over for long and nobody looks at leaves the memory."""
        until = time.monotonic() - IDLE
        for run in self._office.loaded():
            if run.is_over and run.looked_at < until:
                self._office.put_aside(run.order.run_id)
