"""The kernels that a calibration runs: shapes drawn over the whole range of networks, none taken from any network."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from core.profiler.timing.trials.moving import moving_trials
from core.profiler.timing.trials.products import product_trials
from core.profiler.timing.trials.trial import EXTENTS, Extent, Trial

DTYPES = (torch.float32, torch.bfloat16)
SWEEPS = 3  # each with some kernels of every family, so that no slow moment of the machine meets a whole family


def trials(device: str = "cpu", seed: int = 0) -> Iterator[Trial]:
    """All kernels of a calibration for a "cpu" or a "cuda" device."""
    for trial in _all(random.Random(seed), EXTENTS[device]):
        if device == "cpu" or "_for_cpu" not in str(trial.func):
            yield trial


def _all(draw: random.Random, extent: Extent) -> Iterator[Trial]:
    for sweep in range(SWEEPS):
        for dtype in DTYPES:
            yield from product_trials(dtype, draw, extent)
            yield from moving_trials(dtype, draw, extent, with_updates=sweep == 0)
