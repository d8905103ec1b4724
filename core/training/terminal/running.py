"""A run to its end, or to the moment that something ends it: Ctrl-C, a full disk, a loss that is no number."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import DataError
from core.training.checkpoints import resume, save
from core.training.confusion import ConfusionMatrix
from core.training.events import Began, Done, Epoch, Event
from core.training.loop import Trainer
from core.training.terminal.interrupts import Interrupts
from core.training.terminal.progress import ProgressBar

INTERRUPTED, UNSAVED = "interrupted", "unsaved"  # ends of a run beside those of `Done`


@contextmanager
def _alone_with(checkpoint: Path) -> Iterator[None]:
    """Inside, no other run that asks for it writes the same checkpoint: each would remove the other's weights.

    Raises: DataError if one does so now.
    """
    lock = FileLock(checkpoint.with_name(f".{checkpoint.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DataError(
            f"Another run is writing the checkpoint {checkpoint}: wait for its end, or name another file."
        ) from None
    except (OSError, NotImplementedError):  # a file system without locks
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(lock.lock_file)
        lock.release()


@dataclass
class TerminalRun:
    """What came of a run. `ended` is a reason of `Done`, or "interrupted", or "unsaved": a checkpoint failed.

    `saved_step` is that of the checkpoint on the disk; `error` says why a later one could not be written.
    """

    trainer: Trainer
    checkpoint: Path | None = None
    ended: str = ""
    began: Began | None = None
    epochs: list[Epoch] = field(default_factory=list)
    done: Done | None = None
    saved_step: int | None = None
    error: str = ""

    def train(self, quiet: bool) -> None:
        """From the checkpoint, if there is one, to the end.

        Raises: DataError if another run writes to it, or it belongs to one.
        """
        own = self.checkpoint if self.trainer.workers.is_main else None
        with _alone_with(own) if own else nullcontext():
            self._train(quiet)

    def _train(self, quiet: bool) -> None:
        if self.checkpoint and self.checkpoint.exists():
            resume(self.trainer, self.checkpoint)
            self.saved_step = self.trainer.step
        alone = self.trainer.workers.size == 1
        with Interrupts(alone) as interrupts, ProgressBar(self.trainer, quiet) as bar:
            for event in self.trainer.run():
                self._take(event)
                bar.show(event)
                if interrupts.requested and not self.done:
                    self.ended = INTERRUPTED
                    self._save()
                if self.ended:
                    return

    def _take(self, event: Event) -> None:
        if isinstance(event, Began):
            self.began = event
        elif isinstance(event, Epoch):
            self.epochs.append(event)
            if math.isfinite(event.val_loss):
                self._save()
        elif isinstance(event, Done):
            self.done = event
            if not event.has_diverged:  # a network of NaN does not take the place of the last good one
                self._save()
            self.ended = self.ended or event.reason

    @property
    def confusion(self) -> ConfusionMatrix | None:
        """That of the last epoch; a run that was over before has none, and is validated again."""
        if self.epochs:
            return self.epochs[-1].confusion
        return self.trainer.validate()[1] if self.done else None

    def _save(self) -> None:
        """Write the checkpoint, if there is to be one; a disk that takes no more ends the run."""
        if self.checkpoint is None or not self.trainer.workers.is_main:
            return
        try:
            save(self.trainer, self.checkpoint)
            self.saved_step = self.trainer.step
        except OSError as error:
            self.ended, self.error = UNSAVED, error.strerror or str(error)
