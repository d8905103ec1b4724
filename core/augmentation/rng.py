"""Random numbers of augmentation: a function of seed, step and name alone, on every device and in every thread."""

from __future__ import annotations

import zlib

import numpy as np
import torch
from torch import Tensor


def stream(seed: int, step: int, name: str) -> torch.Generator:
    """A CPU generator for one augmentation at one step, so that the draws of one do not depend on the others.

    >>> torch.equal(uniform(3, stream(0, 7, "flip")), uniform(3, stream(0, 7, "flip")))
    True
    """
    words = np.random.SeedSequence([zlib.crc32(name.encode()), step, seed]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(words[0] >> np.uint64(1)))


def uniform(count: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Float32 (count,) from `low` to `high`, smooth in the bounds, so that a slider changes the result smoothly."""
    return low + (high - low) * torch.rand(count, generator=generator)


def beta(alpha: float, count: int, generator: torch.Generator) -> Tensor:
    """Float32 (count,) from Beta(alpha, alpha). NumPy's sampler, since torch's draws from the global generator."""
    seed = int(torch.randint(2**62, (), generator=generator))
    return torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, count).astype(np.float32))
