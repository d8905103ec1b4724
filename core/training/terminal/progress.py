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

        self._trainer, self._quiet, self._shown = trainer, quiet, ""
        self._begin(trainer.step)
        self._bar: Any = tqdm(disable=quiet, file=sys.stderr, bar_format=FORMAT, total=trainer.steps)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def _begin(self, step: int) -> None:
        trainer = self._trainer
        counts = len(trainer.train_index), len(trainer.val_index)
        self._workload = Workload(trainer.config, trainer.size, *counts, start=step)
        self._validated = step // trainer.steps_per_epoch
        self._marks = [(step, self._validated, time.monotonic())]  # since when the speed is measured

    def show(self, event: Event) -> None:
        if isinstance(event, Began):
            self._bar.reset(event.steps)
            self._bar.update(event.step)
            self._begin(event.step)
        elif isinstance(event, TrainingStep):
            self._shown = f"epoch {event.epoch}, loss {event.loss:.3f}"
            self._bar.set_postfix_str(f"{self._shown}{self._left(event.step)}", refresh=False)
            self._bar.update()
        elif isinstance(event, Epoch):
            self._validated = event.epoch
            if len(self._marks) == 1 and self._workload.is_after_features(event.step, event.epoch):
                self._marks.append((event.step, event.epoch, time.monotonic()))
            self._bar.set_postfix_str(f"{self._shown}{self._left(event.step)}", refresh=False)
            if not self._quiet:
                self._bar.write(epoch_line(event), file=sys.stderr)

    def _left(self, step: int) -> str:
        left = self.seconds_left(step)
        return "" if left is None else f", {duration(left)} left"

    def seconds_left(self, step: int) -> float | None:
        """By the speed so far; after the features of a frozen part, by that of the epochs since, once it is known."""
        now = time.monotonic()
        for first, validated, since in reversed(self._marks):
            if now - since > AFTER_S:
                return self._workload.seconds_left(first, step, now - since, (validated, self._validated))
        return None


def epoch_line(epoch: Epoch) -> str:
    return (
        f"epoch {epoch.epoch}: training loss {epoch.train_loss:.3f}, accuracy {epoch.train_accuracy:.1%};"
        f" validation loss {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.1%}"
    )
