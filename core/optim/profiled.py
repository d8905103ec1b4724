"""Optimizers whose memory is known but which no lesson or recipe here trains with. To add one is to add its entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.optim.lookup import lookup, registry
from core.optim.optimizers import OPTIMIZERS, Optimizer, OptimizerMemory

Shape = tuple[int, ...]
BLOCK = 256  # values of 8-bit state that share a scale
EIGHT_BIT_FROM = 4096  # values from which a tensor's state is kept in 8 bits


@dataclass(frozen=True)
class ProfiledOptimizer:
    """What an optimizer keeps and makes, and where that is written; `name` is on the screen, `key` in a setting."""

    name: str
    key: str
    memory: OptimizerMemory
    source: str


def _row_and_column(shape: Shape, itemsize: int) -> tuple[int, int]:
    """Means over the last axis, and over the one before it."""
    cells = math.prod(shape) * itemsize
    return cells // max(1, shape[-1]), cells // max(1, shape[-2])


def _adafactor_state(shape: Shape, itemsize: int) -> tuple[int, ...]:
    return _row_and_column(shape, itemsize) if len(shape) > 1 else (math.prod(shape) * itemsize,)


def _adafactor_work(shape: Shape, itemsize: int) -> tuple[int, ...]:
    cells = math.prod(shape) * itemsize
    return (*_row_and_column(shape, itemsize), cells) if len(shape) > 1 else (cells, cells)


def _muon_state(shape: Shape, itemsize: int) -> tuple[int, ...]:
    """Momentum of a matrix; what is no matrix is left to AdamW."""
    cells = math.prod(shape) * itemsize
    return (cells,) if len(shape) == 2 else (cells, cells)


def _muon_work(shape: Shape, itemsize: int) -> tuple[int, ...]:
    """The update, and in bfloat16 two of it and two Gram matrices of its shorter side, or one of it and three."""
    cells = math.prod(shape)
    if len(shape) != 2:
        return (cells * itemsize,) * 2
    gram = 2 * min(shape) ** 2
    return (cells * itemsize, 2 * cells, gram, gram, max(2 * cells, gram))


def _eight_bit_state(shape: Shape, itemsize: int) -> tuple[int, ...]:
    """Two moments of a byte each with a scale a block; small tensors keep theirs in fp32."""
    cells = math.prod(shape)
    if cells < EIGHT_BIT_FROM:
        return 4 * cells, 4 * cells
    scales = 4 * -(-cells // BLOCK)
    return cells, scales, cells, scales


PROFILED: dict[str, ProfiledOptimizer] = registry([
    ProfiledOptimizer(
        "Adafactor", "adafactor",
        OptimizerMemory(constants=4, lingers=True, state=_adafactor_state, work=_adafactor_work),
        "Shazeer & Stern 2018, arXiv:1804.04235; torch.optim.Adafactor",
    ),
    ProfiledOptimizer(
        "Lion", "lion", OptimizerMemory(slots=1, scratch=2),
        "Chen et al. 2023, arXiv:2302.06675; one momentum, and the update before and after its sign",
    ),
    ProfiledOptimizer(
        "Muon (AdamW for what is no matrix)", "muon",
        OptimizerMemory(constants=4, state=_muon_state, work=_muon_work),
        "Jordan et al. 2024; torch.optim.Muon for matrices and AdamW for the rest, as its documentation says",
    ),
    ProfiledOptimizer(
        "8-bit Adam", "adam8bit", OptimizerMemory(once=2048, state=_eight_bit_state),
        "Dettmers et al. 2021, arXiv:2110.02861; bitsandbytes' Adam8bit with blocks of 256 values",
    ),
])  # fmt: skip

ALL: dict[str, Optimizer | ProfiledOptimizer] = {**OPTIMIZERS, **PROFILED}


def get_profiled(name: str) -> Optimizer | ProfiledOptimizer:
    """The optimizer of that name or key, among all whose memory is known. Raises: PlaygroundError if there is none."""
    return lookup("optimizer", ALL, name)
