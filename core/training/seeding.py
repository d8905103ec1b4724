"""Random numbers as a pure function of seed and step, so that a run can be repeated, resumed and split among devices.

No generator state has to be saved: what the shuffle of epoch 3 or the dropout of step 812 draws depends on the seed,
the purpose and that number alone.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from enum import IntEnum

import numpy as np
import torch

_GLOBAL_GENERATOR = threading.Lock()  # layers such as Dropout can only draw from torch's global generator


class Purpose(IntEnum):
    """What random numbers are needed for. Each purpose has a stream of its own."""

    INITIALIZATION = 1
    SHUFFLE = 2
    AUGMENTATION = 3
    LAYERS = 4


def seed_of(seed: int, purpose: Purpose, number: int = 0) -> int:
    """A 63-bit seed for one purpose in one step or epoch (its `number`) of a run.

    >>> seed_of(0, Purpose.SHUFFLE, 1) == seed_of(0, Purpose.SHUFFLE, 1)
    True
    >>> seed_of(0, Purpose.SHUFFLE, 1) == seed_of(0, Purpose.AUGMENTATION, 1)
    False
    """
    words = np.random.SeedSequence([seed, int(purpose), number]).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


def generator(seed: int, purpose: Purpose, number: int = 0) -> torch.Generator:
    """A CPU generator of its own, so that the draws are the same whatever the device."""
    return torch.Generator().manual_seed(seed_of(seed, purpose, number))


@contextlib.contextmanager
def seeded_globally(seed: int, purpose: Purpose, number: int = 0) -> Iterator[None]:
    """Inside, torch's global generators are seeded for this step or epoch; afterwards they are as they were before.

    Runs that share a process take turns, or they would draw from each other's stream.
    """
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with _GLOBAL_GENERATOR, torch.random.fork_rng(devices):
        torch.manual_seed(seed_of(seed, purpose, number))
        yield
