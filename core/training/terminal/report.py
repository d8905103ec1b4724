"""What a run in a terminal comes to: lines for a person, one JSON object for a program, and the exit status."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from core.datasets import SkippedFile
from core.training.chance_level import chance_sentence
from core.training.events import finite
from core.training.terminal.running import INTERRUPTED, UNSAVED, TerminalRun
from core.training.wrong_images import WrongImage

STATUS = {"diverged": 3, INTERRUPTED: 130, UNSAVED: 1}  # 0 otherwise; 2 is a run that was refused
LISTED, LISTED_JSON = 5, 100  # wrong images at most, for a person and for a program


def exit_status(run: TerminalRun) -> int:
    """
    >>> STATUS["diverged"], STATUS["interrupted"]
    (3, 130)
    """
    return STATUS.get(run.ended, 0)


def as_json(
    run: TerminalRun, refused: Sequence[SkippedFile], wrong: Sequence[WrongImage] | None = None
) -> dict[str, Any]:
    """The figures, NaN and infinity as None: of the whole run if it came to its end, else of its last epoch."""
    trainer, last = run.trainer, run.done or (run.epochs[-1] if run.epochs else None)
    is_good = last is not None and run.ended != "diverged"
    values = {
        "train_images": len(trainer.train_index),
        "val_images": len(trainer.val_index),
        "test_images": len(trainer.test_index),
        "parameters": run.began.parameters if run.began else None,
        "epochs": run.done.epochs if run.done else trainer.epoch,
        "val_accuracy": last.val_accuracy if last and is_good else None,
        "val_loss": last.val_loss if last and is_good else None,
        "images_per_second": last.images_per_second if last else None,
        "ended": run.ended,
        "processes": trainer.workers.size,
        "refused": [{"path": str(file.path), "reason": str(file.reason)} for file in refused],
        "wrong_images": None if wrong is None else [dataclasses.asdict(one) for one in wrong[:LISTED_JSON]],
        "ending": closing_lines(run),
    }
    return finite(values)


def result_lines(
    run: TerminalRun, refused: Sequence[SkippedFile], wrong: Sequence[WrongImage] | None = None
) -> list[str]:
    """What was left out, what the network reached, what is wrong, where the network is, and how the run ended if not as
    planned."""
    lines = [f"left out {file.path}: {file.reason}" for file in refused]
    if run.done and not run.done.has_diverged:
        counts = (len(index) for index in (run.trainer.train_index, run.trainer.val_index, run.trainer.test_index))
        lines += [split_line(*counts), _accuracy_line(run), *wrong_lines(wrong or ()), *_kept_network(run)]
    return lines + closing_lines(run)


def split_line(training: int, validation: int, test: int) -> str:
    """
    >>> split_line(56, 16, 8)
    '80 images: 56 for training, 16 for validation, 8 in the test set (not used yet)'
    """
    total = f"{training + validation + test:,} images: {training:,} for training, {validation:,} for validation"
    return f"{total}, {test:,} in the test set (not used yet)" if test else f"{total}, none in a test set"


def wrong_lines(wrong: Sequence[WrongImage]) -> list[str]:
    """The surest mistakes among the validation images, one a line.

    >>> wrong_lines([WrongImage("cat/1.jpg", "cat", "dog", 0.973)])
    ['predicted wrongly: 1 validation image', '  cat/1.jpg: cat, predicted dog (97.3 %)']
    """
    if not wrong:
        return []
    number = f"{len(wrong):,} validation image{'s' * (len(wrong) != 1)}"
    which = f", the {LISTED} surest mistakes" if len(wrong) > LISTED else ", the surest mistake first"
    return [f"predicted wrongly: {number}{which * (len(wrong) > 1)}"] + [
        f"  {one.path}: {one.true_class}, predicted {one.predicted_class} ({100 * one.probability:.1f} %)"
        for one in wrong[:LISTED]
    ]


def _kept_network(run: TerminalRun) -> list[str]:
    """Where the network of a finished run is."""
    if run.checkpoint is None:
        return ["The network was not kept: --checkpoint FILE writes it to a file."]
    return [] if run.ended == UNSAVED else [f"The network is in {run.checkpoint}."]


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
