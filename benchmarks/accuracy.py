"""What each way of training reaches on 2,000 cats and dogs, and in what time: means over seeds, printed with them."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from core.datasets import load
from core.training import RECIPES, Done, TrainConfig, Trainer

TRAIN, VAL = 2000, 800


@dataclass(frozen=True)
class Goal:
    """A recipe, and what it must reach: an accuracy in so many seconds."""

    recipe: str
    accuracy: float
    seconds: float | None = None


GOALS = {
    "scratch": Goal("From scratch (wide ResNet)", 0.88, 300),
    "frozen": Goal("Transfer learning (frozen)", 0.97, 60),
    "tuned": Goal("Fine-tuning", 0.98),
}


def tutorial(**changes: object) -> TrainConfig:
    """The tutorials' recipe with some of it changed; no picture is kept for a final test."""
    return dataclasses.replace(RECIPES["From scratch (tutorial)"].config(), test_share=0.0, **changes)


def measure(data: Path, seeds: Iterable[int], only: str | None = None) -> None:
    """Run and print. Times are of everything from decoded pictures to the last figure."""
    print(f"{torch.get_num_threads()} threads; {TRAIN:,} training and {VAL:,} validation pictures of {data.name}")
    for name, goal in GOALS.items():
        if only in (None, name):
            _measure(goal, data, list(seeds))


def _measure(goal: Goal, data: Path, seeds: list[int]) -> None:
    recipe = RECIPES[goal.recipe]
    config = dataclasses.replace(recipe.config(), val_share=VAL / (TRAIN + VAL), test_share=0.0)
    print(f"{goal.recipe}, {recipe.size}x{recipe.size}, {config.precision}")
    results = [_one(config, data, recipe.size, seed) for seed in seeds]
    accuracy, seconds = (statistics.mean(column) for column in zip(*results, strict=True))
    limit = f" in at most {goal.seconds:.0f} s" if goal.seconds else ""
    told = f"the mean over seeds {', '.join(map(str, seeds))} (wanted: {goal.accuracy:.0%}{limit})"
    print(f"  {accuracy:.2%} in {seconds:.0f} s, {told}\n", flush=True)


def _one(config: TrainConfig, data: Path, size: int, seed: int) -> tuple[float, float]:
    """Accuracy and seconds of one run, decoding left out; the seed also splits the images.

    It chooses them, too: as many of each class as of the other, decoded as for the first time.
    """
    start = time.perf_counter()
    pictures = load(data, size, limit=TRAIN + VAL, seed=seed, cache=False)
    print(f"  seed {seed}: decoded {len(pictures):,} pictures in {time.perf_counter() - start:.0f} s,", end=" ")
    start = time.perf_counter()
    trainer = Trainer(dataclasses.replace(config, seed=seed, split_seed=seed), pictures)
    done = next(event for event in trainer.run() if isinstance(event, Done))
    seconds = time.perf_counter() - start
    speed = f"{done.images_per_second:.0f} training pictures a second"
    counts = f"{len(trainer.train_index):,} to train on, {len(trainer.val_index)} to validate"
    print(f"accuracy {done.val_accuracy:.2%} after {seconds:.0f} s ({counts}, {speed})", flush=True)
    return done.val_accuracy, seconds
