"""In the worker, on request: which learning rate a run can bear.

The folder of the search stands for its owner's interest. When it is removed, the next word that the search would write
into it fails, and that ends the search: so cancelling needs no message of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

from playground.jobs.processes import tasks
from playground.jobs.processes.niceness import be_nice

if TYPE_CHECKING:
    from playground.jobs.lasting.runfolder import RunFolder
    from playground.jobs.orders import Order

STEPS = 100


def find_rate(path: str) -> None:
    """The range test for the order in the folder at `path`, told in its diary step by step."""
    from playground.jobs.lasting.runfolder import RunFolder

    be_nice()
    folder = RunFolder(Path(path))
    order = folder.order()
    with contextlib.suppress(FileNotFoundError):  # nobody wants to know any more
        if order is not None:
            try:
                _find(folder, order)
            except Exception as error:
                _still_wanted(folder)
                folder.say({"kind": "Failed", "error": tasks.sentence(error)})


def _find(folder: RunFolder, order: Order) -> None:
    from core.training.lr_range_test import range_test, suggestion
    from playground.jobs.processes.wire import Wire
    from playground.jobs.store import open_pictures

    wire = Wire(folder)
    tasks.decode_for(order, wire.preparing, lambda: _still_wanted(folder))
    device = tasks.device_of(order)
    folder.say({"kind": "Began"})
    found = []
    for step in range_test(order.config, open_pictures(Path(order.pictures)), device, STEPS):
        _still_wanted(folder)
        found.append(step)
        wire.say({"kind": "Tried", **dataclasses.asdict(step)})
    wire.say({"kind": "Found", "rate": suggestion(found) if math.isfinite(found[0].smooth) else None})
    wire.flush()


def _still_wanted(folder: RunFolder) -> None:
    if not folder.path.exists():
        raise FileNotFoundError(folder.path)
