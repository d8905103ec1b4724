"""What a run in a terminal comes to: lines for a person, one JSON object for a program, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.datasets import SkippedFile
from core.training.chance_level import chance_sentence
from core.training.events import finite
from core.training.terminal.running import INTERRUPTED, UNSAVED, TerminalRun

STATUS = {"diverged": 3, INTERRUPTED: 130, UNSAVED: 1}  # 0 otherwise; 2 is a run that was refused


def exit_status(run: TerminalRun) -> int:
    """
    >>> STATUS["diverged"], STATUS["interrupted"]
    (3, 130)
    """
    return STATUS.get(run.ended, 0)


def as_json(run: TerminalRun, refused: Sequence[SkippedFile]) -> dict[str, Any]:
    """The figures, NaN and infinity as None: of the whole run if it came to its end, else of its last epoch."""
    trainer, last = run.trainer, run.done or (run.epochs[-1] if run.epochs else None)
    is_good = last is not None and run.ended != "diverged"
    values = {
        "train_images": len(trainer.train_index),
        "val_images": len(trainer.val_index),
        "parameters": run.began.parameters if run.began else None,
        "epochs": run.done.epochs if run.done else trainer.epoch,
        "val_accuracy": last.val_accuracy if last and is_good else None,
        "val_loss": last.val_loss if last and is_good else None,
        "images_per_second": last.images_per_second if last else None,
        "ended": run.ended,
        "processes": trainer.workers.size,
        "refused": [{"path": str(file.path), "reason": str(file.reason)} for file in refused],
        "ending": closing_lines(run),
    }
    return finite(values)


def result_lines(run: TerminalRun, refused: Sequence[SkippedFile]) -> list[str]:
    """What was left out, what the network reached, and how the run ended if not as planned."""
    lines = [f"left out {file.path}: {file.reason}" for file in refused]
    if run.done and not run.done.has_diverged:
        lines.append(_accuracy_line(run))
    return lines + closing_lines(run)


def _accuracy_line(run: TerminalRun) -> str:
    assert run.done
    epochs = f"{run.done.epochs} epoch{'s' * (run.done.epochs != 1)}"
    return (
        f"validation accuracy {100 * run.done.val_accuracy:.1f} % ({len(run.trainer.val_index)} images) after "
        f"{epochs} of {len(run.trainer.train_index)} images ({run.done.images_per_second:.0f} images per second)"
    )


def closing_lines(run: TerminalRun) -> list[str]:
    """How the run ended, if not as planned, and what it has not learnt."""
    trainer = run.trainer
    at = f"step {trainer.step:,} of {trainer.steps:,}"
    if run.ended == "diverged":
        return [
            f"The loss became NaN or infinite at {at} (diverged), and the network is of no use: try a learning rate "
            f"below {trainer.config.learning_rate:g}. {_kept(run)}".strip()
        ]
    if run.ended == UNSAVED:
        return [f"The checkpoint could not be written at {at}: {run.error}. The run has ended. {_kept(run)}".strip()]
    if run.ended == INTERRUPTED:
        again = " The same command goes on from there." if run.checkpoint else ""
        return [f"Interrupted after {at}. {_kept(run)}{again}".strip()]
    confusion = run.confusion
    sentence = chance_sentence(confusion, trainer.epoch, trainer.config) if confusion else ""
    return [sentence] if sentence else []


def _kept(run: TerminalRun) -> str:
    """Which step the checkpoint on the disk holds."""
    if run.checkpoint is None:
        return "There is no checkpoint: --checkpoint names a file for one." if run.ended == INTERRUPTED else ""
    if run.saved_step is None:
        return f"{run.checkpoint} was not written."
    return f"{run.checkpoint} holds step {run.saved_step:,}."
