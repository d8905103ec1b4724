"""The kernels that a calibration runs: shapes drawn over the whole range of networks, none taken from any network."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from core.profiler.timing.trials.moving import moving_trials
from core.profiler.timing.trials.products import product_trials
from core.profiler.timing.trials.trial import EXTENTS, Trial

DTYPES = (torch.float32, torch.bfloat16)


def trials(device: str = "cpu", seed: int = 0) -> Iterator[Trial]:
    """All kernels of a calibration for a "cpu" or a "cuda" device."""
    draw = random.Random(seed)
    for dtype in DTYPES:
        yield from product_trials(dtype, draw, EXTENTS[device])
        yield from moving_trials(dtype, draw, EXTENTS[device])
