"""Whether a network does better on its validation images than guessing would, and what to try where it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of
from core.training.recipe.presets import RECIPES
from core.training.results import wilson_interval

AFTER_EPOCHS = 3  # or the end of the run, whichever is sooner
UNEQUAL = 3  # times as many images as the other classes have on average
BALANCE = "Add images of the smaller classes, or leave out some of the largest."
Confusion = Sequence[Sequence[int]]


def _counts(confusion: Confusion) -> tuple[int, int, int]:
    """Correct predictions, images, and images of the most frequent class."""
    rows = list(map(tuple, confusion))
    sums = list(map(sum, rows))
    return sum(row[i] for i, row in enumerate(rows)), sum(sums), max(sums)


def chance_accuracy(confusion: Confusion) -> float:
    """The accuracy of naming the most frequent class of the validation images (rows) every time.

    >>> chance_accuracy(((3, 1), (0, 4)))
    0.5
    """
    _, count, most = _counts(confusion)
    return most / count


def _is_above_chance(correct: int, confusion: Confusion) -> bool:
    """Whether so many correct predictions of as many images as `confusion` has are more than guessing would give."""
    _, count, _ = _counts(confusion)
    return wilson_interval(correct, count)[0] > chance_accuracy(confusion)


def beats_chance(confusion: Confusion) -> bool:
    """Whether the 95 % interval of the accuracy lies above `chance_accuracy`."""
    correct, _, _ = _counts(confusion)
    return _is_above_chance(correct, confusion)


def can_tell(confusion: Confusion) -> bool:
    """Whether there are enough validation images: a network without a mistake would beat chance.

    >>> can_tell(((1, 0), (0, 1))), can_tell(((2, 0), (0, 2)))
    (False, True)
    """
    _, count, _ = _counts(confusion)
    return _is_above_chance(count, confusion)


def is_imbalanced(confusion: Confusion) -> bool:
    """Whether one class has at least `UNEQUAL` times as many validation images as the others have on average, and as
    many images in equal classes would be enough to tell learning from guessing.

    >>> is_imbalanced(((40, 0), (1, 0))), is_imbalanced(((5, 0), (4, 0))), is_imbalanced(((2, 0), (0, 0)))
    (True, False, False)
    """
    _, count, most = _counts(confusion)
    classes = len(confusion)
    if classes < 2 or most * (classes - 1) < UNEQUAL * (count - most):
        return False
    return wilson_interval(count, count)[0] > math.ceil(count / classes) / count


def chance_sentence(confusion: Confusion, epoch: int, config: TrainConfig) -> str:
    """That a run is at chance level after an epoch, and what to try; empty if it has learnt something."""
    correct, count, most = _counts(confusion)
    if not can_tell(confusion) and is_imbalanced(confusion):
        return (
            f"{most:,} of {count:,} validation images are of one class, and naming it every time gives "
            f"{most / count:.1%}: with classes this unequal an accuracy of {correct / count:.1%} does not tell what "
            f"this network has learnt from guessing. {BALANCE}"
        )
    if not can_tell(confusion):
        plural = "image is" if count == 1 else "images are"
        return (
            f"{count:,} validation {plural} too few to tell what this network has learnt from guessing: add images, or "
            "raise the validation split."
        )
    if beats_chance(confusion):
        return ""
    return (
        f"After epoch {epoch} the network is still at chance level: an accuracy of {correct / count:.1%} on {count:,} "
        f"validation images, where naming one class every time gives {most / count:.1%}. "
        f"{f'The classes are very unequal. {BALANCE} ' if is_imbalanced(confusion) else ''}{_remedy(config)}"
    )


def young(epochs: int, is_over: bool) -> bool:
    """Whether it is too early to speak of chance level."""
    return epochs < AFTER_EPOCHS and not is_over


def is_learning(train_accuracy: float, confusion: Confusion) -> bool:
    """Whether so many training images are recognized that the validation images may follow in later epochs.

    `train_accuracy`, a share, counts as if it had been measured on as many images as `confusion` has.

    >>> is_learning(0.76, ((90, 10), (78, 22))), is_learning(0.52, ((90, 10), (78, 22)))
    (True, False)
    """
    _, count, _ = _counts(confusion)
    return _is_above_chance(round(train_accuracy * count), confusion)


def _remedy(config: TrainConfig) -> str:
    entry = network_of(config.network)
    if entry.normalization is None:
        frozen = RECIPES.name_of("probe")
        return f"Try the recipe “{frozen}”, which needs far fewer images; or more epochs, or another learning rate."
    return "Try larger images (192 pixels), more images of each class, or look whether the labels are right."
