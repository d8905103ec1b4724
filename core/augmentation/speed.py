"""Images per second of an augmentation, measured on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from core.augmentation import Augment, Augmentations
from core.augmentation.recipe import OFF

IMAGES, SIDE, REPEATS = 64, 64, 5


@dataclass(frozen=True)
class Throughput:
    """Medians of `REPEATS` batches, in images per second: the whole recipe, no augmentation, each one alone."""

    recipe: float
    baseline: float
    alone: dict[str, float]


def measure(recipe: Augmentations) -> Throughput:
    """Augment the same batch of 64 random images, 64 x 64, by each in turn, on the CPU."""
    parts = {name: Augmentations(**{name: getattr(recipe, name)}) for name in recipe.active}
    runs = [_run(part) for part in (recipe, replace(recipe, **OFF), *parts.values())]
    for run in runs:
        run(-1)  # imports and allocations of the first time
    seconds = [
        [_seconds(run, step) for run in runs] for step in range(REPEATS)
    ]  # in turn, so that disturbances affect all
    whole, baseline, *alone = (IMAGES / statistics.median(times) for times in zip(*seconds, strict=True))
    return Throughput(whole, baseline, dict(zip(parts, alone, strict=True)))


def _run(recipe: Augmentations) -> Callable[[int], None]:
    images = torch.randint(0, 256, (IMAGES, 3, SIDE, SIDE), dtype=torch.uint8, generator=torch.Generator())
    augment, index = Augment(recipe, 2), torch.arange(IMAGES)

    def run(step: int) -> None:
        augmented, _ = augment(images, index, index % 2, 0, step + 1)
        augmented.float()  # as the network needs them in any case

    return run


def _seconds(run: Callable[[int], None], step: int) -> float:
    began = time.perf_counter()
    run(step)
    return time.perf_counter() - began
