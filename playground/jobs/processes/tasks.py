"""What runs in the worker. torch and the rest are imported inside: the scheduler reads this file too and needs none."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed import Variable, get_client, get_worker

TALK = 0.1  # seconds between two messages
LISTEN = 0.25  # seconds between two looks at what the person wants
NICENESS = 5  # the web server goes first

Say = Callable[[dict], None]


def warm_up() -> None:
    """Import what the first run would otherwise wait for."""
    import core.datasets
    import core.training  # noqa: F401


def prepare(topic: str, where: str, size: int, path: str, cache: bool) -> None:
    """Decode the pictures at `where` into the file `path`, unless that was done before.

    With `cache` they are also kept for the next time that somebody brings the same ones.
    """
    from core.datasets import load
    from playground.jobs.store import save_pictures

    if Path(path).exists():
        return
    _be_nice()
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > TALK or done == total:
            last = time.monotonic()
            get_worker().log_event(topic, [{"kind": "Preparing", "done": done, "total": total}])

    save_pictures(load(where, size, progress=progress, cache=cache), Path(path))


def train_run(order: dict[str, Any], prepared: object = None) -> None:
    """Train as `order` says, from its last checkpoint if there is one, and tell the run's topic about it.

    `prepared` is only waited for. An order has run_id, config and threads, and the files pictures,
    checkpoint and predictions.
    """
    import torch

    from core.training import Done, Epoch, TrainConfig, Trainer, resume, save, to_dict
    from playground.jobs.store import open_pictures

    _be_nice()
    torch.set_num_threads(order["threads"])
    wire = Wire(order["run_id"])
    trainer = Trainer(TrainConfig(**order["config"]), open_pictures(Path(order["pictures"])))
    checkpoint = Path(order["checkpoint"])
    if checkpoint.exists():
        resume(trainer, checkpoint)
    for event in trainer.run():
        if isinstance(event, Epoch | Done):
            save(trainer, checkpoint)
        if isinstance(event, Done):
            probabilities = trainer.probabilities(trainer.val_images)
            torch.save({"index": trainer.val_index, "probabilities": probabilities}, order["predictions"])
        wire.say(to_dict(event))
        if not isinstance(event, Done):
            wire.obey(trainer)
    wire.flush()


class Wire:
    """The task's end of the line: messages go out in bundles, wishes are looked up by time, not by step."""

    def __init__(self, run_id: str) -> None:
        self._worker, self._topic = get_worker(), run_id
        self._wishes = Variable(run_id, client=get_client())
        self._messages: list[dict] = []
        self._talked = self._listened = 0.0

    def say(self, message: dict) -> None:
        """Send a message, at the latest with the next one after `TALK` seconds."""
        self._messages.append(message)
        if time.monotonic() - self._talked > TALK:
            self.flush()

    def flush(self) -> None:
        """Send what has not been sent yet."""
        if self._messages:
            self._worker.log_event(self._topic, self._messages)
        self._messages, self._talked = [], time.monotonic()

    def obey(self, trainer: Any) -> None:
        """Stop, pause or change the learning rate, if the person wants that."""
        if time.monotonic() - self._listened < LISTEN:
            return
        wishes = self._wish()
        if wishes.get("command") == "pause":
            wishes = self._wait(wishes)
        if wishes.get("command") == "stop":
            trainer.stop()
        trainer.learning_rate = wishes.get("learning_rate") or trainer.learning_rate

    def _wait(self, wishes: dict) -> dict:
        self.say({"kind": "Paused"})
        self.flush()
        while wishes.get("command") == "pause":
            time.sleep(LISTEN)
            wishes = self._wish()
        self.say({"kind": "Resumed"})
        return wishes

    def _wish(self) -> dict:
        self._listened = time.monotonic()
        with contextlib.suppress(TimeoutError):
            return self._wishes.get(timeout=1)
        return {}


def _be_nice() -> None:
    """Give way to the web server. For the worker's whole life, which has nothing else to do."""
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(max(0, NICENESS - os.nice(0)))
