"""The progress bar of a run: steps, epoch, loss, and the time that is left."""

from __future__ import annotations

import sys
import time
from typing import Any

from core.training.events import Began, Epoch, Event, TrainingStep
from core.training.loop import Trainer
from core.training.workload import Workload, duration

FORMAT = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} steps, {elapsed}{postfix}"
AFTER_S = 0.5  # before the speed means anything


class ProgressBar:
    """Shows the events of a run on stderr; `quiet` shows nothing."""

    def __init__(self, trainer: Trainer, quiet: bool) -> None:
        from tqdm import tqdm

        counts = len(trainer.train_index), len(trainer.val_index)
        self._workload = Workload(trainer.config, trainer.size, *counts)
        self._quiet, self._first, self._since = quiet, trainer.step, time.monotonic()
        self._bar: Any = tqdm(disable=quiet, file=sys.stderr, bar_format=FORMAT, total=trainer.steps)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def show(self, event: Event) -> None:
        if isinstance(event, Began):
            self._bar.reset(event.steps)
            self._bar.update(event.step)
            self._first, self._since = event.step, time.monotonic()
        elif isinstance(event, TrainingStep):
            self._bar.update()
            self._bar.set_postfix_str(f"epoch {event.epoch}, loss {event.loss:.3f}{self._left(event.step)}", False)
        elif isinstance(event, Epoch) and not self._quiet:
            self._bar.write(epoch_line(event), file=sys.stderr)

    def _left(self, step: int) -> str:
        elapsed = time.monotonic() - self._since
        left = self._workload.seconds_left(self._first, step, elapsed) if elapsed > AFTER_S else None
        return "" if left is None else f", {duration(left)} left"


def epoch_line(epoch: Epoch) -> str:
    return (
        f"epoch {epoch.epoch}: training loss {epoch.train_loss:.3f}, accuracy {epoch.train_accuracy:.1%};"
        f" validation loss {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.1%}"
    )
