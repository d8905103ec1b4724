"""How long a run will take on this machine, from a few steps of it on noise."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from core.datasets import ImageDataset
from core.training.loop import Trainer
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of
from core.training.workload import Workload

PIXELS = 64 * 96 * 96  # of a measured step at most; a larger batch takes about as long for each image
STEPS = 2  # measured, after one to warm up


@dataclass(frozen=True)
class MeasuredSpeed:
    """Seconds until the first step can begin, and for one image forward at full size: the unit of `Workload`."""

    start_s: float
    image_s: float

    def seconds(self, config: TrainConfig, size: int, training: int, validation: int) -> float:
        """Time of a whole run on so many images, their decoding not included."""
        work = Workload(config, size, training, validation)
        return self.start_s + self.image_s * (work.total + work.check)


def measure_speed(config: TrainConfig, classes: int, size: int, device: str = "cpu") -> MeasuredSpeed:
    """Build the network of a run and take a few steps, with small batches, on noise of its size.

    Raises: PlaygroundError if the network does not fit the images.
    """
    batch = max(min(config.batch_size, PIXELS // size**2), config.accumulate, 2)
    short = dataclasses.replace(config, batch_size=batch, epochs=1, first_size=1.0, patience=0, compile=False)
    short = dataclasses.replace(short, val_share=0.25, test_share=0.0)
    began = time.perf_counter()
    trainer = Trainer(short, _noise(classes, size, batch), device)
    start_s = time.perf_counter() - began
    trainer.step_at(0.0)
    step_s = min(_seconds(lambda: trainer.step_at(0.0)) for _ in range(STEPS))  # others may interrupt one
    check_s = min(_seconds(trainer.validate) for _ in range(1 if network_of(config.network).body else 2))
    work = Workload(short, size, len(trainer.train_index), len(trainer.val_index))
    return MeasuredSpeed(start_s, (step_s + check_s) / (work.done(1) + work.check))


def _seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def _noise(classes: int, size: int, batch: int) -> ImageDataset:
    """Images for `STEPS` + 1 batches and a quarter more to validate with, every class among them."""
    count = max((STEPS + 1) * batch * 4 // 3 + 4, 4 * classes)
    labels = torch.arange(count) % classes
    images = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8)
    names = tuple(map(str, range(classes)))
    return ImageDataset("noise", images, labels, names, names * count, torch.arange(count))
