"""Pictures a second through an augmentation, measured here and now."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from core.augmentation import Augment, Augmentations
from core.augmentation.recipe import OFF

PICTURES, SIDE, ROUNDS = 64, 64, 5


@dataclass(frozen=True)
class Speed:
    """Medians of `ROUNDS` batches, in pictures a second: the whole recipe, nothing at all, each change alone."""

    recipe: float
    nothing: float
    alone: dict[str, float]


def measure(recipe: Augmentations) -> Speed:
    """Augment the same batch of 64 random pictures, 64 x 64, by each in turn, on the CPU."""
    parts = {name: Augmentations(**{name: getattr(recipe, name)}) for name in recipe.active}
    runs = [_run(part) for part in (recipe, replace(recipe, **OFF), *parts.values())]
    for run in runs:
        run(-1)  # whatever is imported or allocated the first time
    seconds = [
        [_seconds(run, step) for run in runs] for step in range(ROUNDS)
    ]  # in turn, so that all share a bad moment
    whole, nothing, *alone = (PICTURES / statistics.median(times) for times in zip(*seconds, strict=True))
    return Speed(whole, nothing, dict(zip(parts, alone, strict=True)))


def _run(recipe: Augmentations) -> Callable[[int], None]:
    images = torch.randint(0, 256, (PICTURES, 3, SIDE, SIDE), dtype=torch.uint8, generator=torch.Generator())
    augment, index = Augment(recipe, 2), torch.arange(PICTURES)

    def run(step: int) -> None:
        pictures, _ = augment(images, index, index % 2, 0, step + 1)
        pictures.float()  # as the network needs them in any case

    return run


def _seconds(run: Callable[[int], None], step: int) -> float:
    began = time.perf_counter()
    run(step)
    return time.perf_counter() - began
