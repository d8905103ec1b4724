"""The largest batch that fits: solved from two profiles, then checked."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from core.profiler.memory.iteration import Iteration
from core.profiler.memory.uncollected import uncollected
from core.profiler.memory.usage import Usage
from core.profiler.records import Shape
from core.profiler.setting import Setting

PROBES = (16, 48)  # large enough that kernels choose as they do for any larger batch


@dataclass(frozen=True)
class LargestBatch:
    """`batch_size` pictures need `peak_bytes`, and one more would need more than the budget; 0 if not even one fits."""

    batch_size: int
    peak_bytes: int


def training_usage(model: nn.Module, input_shape: Shape, setting: Setting) -> Usage:
    """The usage of a training iteration alone."""
    with uncollected():
        return Iteration(model, tuple(input_shape), setting).train()


def largest_batch(
    model: nn.Module, input_shape: Shape, budget_bytes: int, setting: Setting | None = None, limit: int = 1 << 20
) -> LargestBatch:
    """The largest batch whose training peak is within `budget_bytes`, everything else as in `setting`.

    Each moment of an iteration holds a + b * batch bytes. Two profiles give a and b of every moment; the batch is the
    smallest of floor((budget - a) / b). A third profile checks it, and a fourth that one more is too many.
    """
    setting = setting or Setting()
    share = setting.accumulate * setting.replicas
    low, high = (training_usage(model, input_shape, setting.but(batch_size=size * share)) for size in PROBES)
    guess = min(limit // share, _solve(low, high, budget_bytes))
    passes, peak = _settle(model, input_shape, setting, budget_bytes, guess, limit // share)
    return LargestBatch(passes * share, peak)


def _solve(low: Usage, high: Usage, budget: int) -> int:
    """Pictures a pass, from the moments of two iterations; from their peaks where the moments do not correspond."""
    fewer, more = PROBES
    pairs = [(low.peak_bytes, high.peak_bytes)]
    if len(low.spans) == len(high.spans):
        pairs = [(a.peak_bytes, b.peak_bytes) for a, b in zip(low.spans, high.spans, strict=True)]
    sizes = []
    for few, many in pairs:
        slope = (many - few) / (more - fewer)
        if slope > 0:
            sizes.append(int((budget - few) // slope) + fewer)
        elif few > budget:
            return 0
    return max(0, min(sizes, default=1 << 20))


def _settle(model: nn.Module, shape: Shape, setting: Setting, budget: int, guess: int, limit: int) -> tuple[int, int]:
    """Down while it does not fit, up while one more does: kernels choose otherwise for very small batches."""
    share = setting.accumulate * setting.replicas

    def peak(size: int) -> int:
        return training_usage(model, shape, setting.but(batch_size=size * share)).peak_bytes

    size, found = guess, peak(guess) if guess else 0
    if found <= budget and (size == limit or (more := peak(size + 1)) > budget):
        return size, found
    few, many = (size + 1, min(2 * size + 2, limit)) if found <= budget else (0, size - 1)
    size, found = (few, more) if few else (0, 0)
    while few < many:  # kernels choose otherwise for very small batches, so that the moments are not quite straight
        middle = (few + many + 1) // 2
        at_middle = peak(middle)
        if at_middle <= budget:
            few, size, found = middle, middle, at_middle
        else:
            many = middle - 1
    return size, found
