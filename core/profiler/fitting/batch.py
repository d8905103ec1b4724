"""The largest batch that fits: solved from two profiles, then checked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.errors import PlaygroundError
from core.profiler.memory.usage import Usage
from core.profiler.profiling import profile_in
from core.profiler.rows import Row
from core.profiler.setting import Setting
from core.profiler.shape_errors import is_lonely

LIMIT = 1 << 20  # pictures a batch that are sought
PROBES = (16, 48)  # large enough that kernels choose as they do for any larger batch


@dataclass(frozen=True)
class LargestBatch:
    """`batch_size` pictures need `peak_bytes`, and one more would need more than the budget; 0 if not even one fits."""

    batch_size: int
    peak_bytes: int


def fewest(model: nn.Module, rows: tuple[Row, ...]) -> int:
    """The fewest pictures a pass that a network with these rows trains on: one value a channel has no variance.

    >>> from core.profiler import profile
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 4), nn.BatchNorm2d(8))
    >>> [fewest(net, profile(net, (3, side, side), 2).rows) for side in (4, 5)]
    [2, 1]
    """
    shapes = {row.name: row.output_shape for row in rows if row.called and not row.is_function}
    lonely = (is_lonely(part, shapes[name]) for name, part in model.named_modules() if name in shapes)
    return 2 if any(lonely) else 1


def rows_and_usage(model: nn.Module, input_shape: Any, setting: Setting) -> tuple[tuple[Row, ...], Usage]:
    """What a training iteration alone tells."""
    profile = profile_in(model, input_shape, setting)
    if profile.setting.pass_size < setting.pass_size:  # a real run of fewer pictures
        raise PlaygroundError(profile.notes[0])
    return profile.rows, profile.training


def largest_batch(
    model: nn.Module, input_shape: Any, budget_bytes: int, setting: Setting | None = None, limit: int = LIMIT
) -> LargestBatch:
    """The largest batch whose training peak is within `budget_bytes`, everything else as in `setting`.

    Each moment of an iteration holds a + b * batch bytes. Two profiles give a and b of every moment; the batch is the
    smallest of floor((budget - a) / b). A third profile checks it, and a fourth that one more is too many.
    """
    setting = setting or Setting()
    share = setting.accumulate * setting.replicas
    probes = [rows_and_usage(model, input_shape, setting.but(batch_size=size * share)) for size in PROBES]
    (rows, low), (_, high) = probes
    least = fewest(model, rows)

    def peak(size: int) -> float:
        """Of passes of `size` pictures."""
        if size < least:
            return math.inf
        return rows_and_usage(model, input_shape, setting.but(batch_size=size * share))[1].peak_bytes

    guess = min(limit // share, _solve(low, high, budget_bytes))
    passes, peak_bytes = _settle(peak, budget_bytes, guess, limit // share)
    return LargestBatch(passes * share, int(peak_bytes))


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
    return max(0, min(sizes, default=LIMIT))


def _settle(peak: Callable[[int], float], budget: int, guess: int, limit: int) -> tuple[int, float]:
    """Down while it does not fit, up while one more does: kernels choose otherwise for very small batches."""
    size, peak_bytes = guess, peak(guess) if guess else 0
    if peak_bytes <= budget and (size == limit or (more := peak(size + 1)) > budget):
        return size, peak_bytes
    few, many = (size + 1, min(2 * size + 2, limit)) if peak_bytes <= budget else (0, size - 1)
    size, peak_bytes = (few, more) if few else (0, 0)
    while few < many:  # kernels choose otherwise for very small batches, so that the moments are not quite straight
        middle = (few + many + 1) // 2
        at_middle = peak(middle)
        if at_middle <= budget:
            few, size, peak_bytes = middle, middle, at_middle
        else:
            many = middle - 1
    return size, peak_bytes
