"""The largest batch that fits: solved from two profiles, then checked by a third."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.errors import PlaygroundError
from core.profiler.memory.usage import Usage
from core.profiler.profiling import profile_in
from core.profiler.results import Profile
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


@dataclass(frozen=True)
class _Probe:
    """An iteration of `size` pictures a pass."""

    size: int
    rows: tuple[Row, ...]
    usage: Usage


def largest_batch(
    model: nn.Module,
    input_shape: Any,
    budget_bytes: int,
    setting: Setting | None = None,
    limit: int = LIMIT,
    known: Profile | None = None,
) -> LargestBatch:
    """The largest batch whose training peak is within `budget_bytes`, everything else as in `setting`.

    Each moment of an iteration holds a + b * batch bytes. Two profiles give a and b of every moment, of which `known`
    may be one; the batch is the smallest of floor((budget - a) / b). A third profile checks it; where it does not hold
    what was solved for, a fourth checks that one more is too many.
    """
    setting = setting or Setting()
    share = setting.accumulate * setting.replicas

    def probe(size: int) -> _Probe:
        return _Probe(size, *rows_and_usage(model, input_shape, setting.but(batch_size=size * share)))

    first = _as_probe(known, setting, share)
    sizes = [size for size in PROBES if first is None or 2 * abs(size - first.size) >= PROBES[1] - PROBES[0]]
    probes = [*filter(None, [first]), *map(probe, sizes)][:2]
    lines = _lines(*probes)
    least = fewest(model, probes[0].rows)

    def peak(size: int) -> float:
        """Of passes of `size` pictures."""
        return math.inf if size < least else probe(size).usage.peak_bytes

    guess = min(limit // share, _solve(lines, budget_bytes))
    expected = max(line.at(guess) for line in lines)
    passes, peak_bytes = _settle(peak, budget_bytes, guess, limit // share, expected)
    return LargestBatch(passes * share, int(peak_bytes))


def _as_probe(known: Profile | None, setting: Setting, share: int) -> _Probe | None:
    """The profile, if it is of that setting but for the batch, and of one that is large enough."""
    if known is None or known.setting.accumulate * known.setting.replicas != share:
        return None
    size, rest = divmod(known.setting.batch_size, share)
    if rest or size < PROBES[0] or known.setting != setting.but(batch_size=known.setting.batch_size):
        return None
    return _Probe(size, known.rows, known.training)


@dataclass(frozen=True)
class _Line:
    """Bytes of a moment: `bytes` for `size` pictures, and `slope` for each more."""

    size: int
    bytes: int
    slope: float

    def at(self, size: int) -> float:
        return self.bytes + self.slope * (size - self.size)


def _lines(one: _Probe, other: _Probe) -> list[_Line]:
    """The moments of two iterations; their peaks alone where the moments do not correspond."""
    pairs = [(one.usage.peak_bytes, other.usage.peak_bytes)]
    if len(one.usage.spans) == len(other.usage.spans):
        pairs = [(a.peak_bytes, b.peak_bytes) for a, b in zip(one.usage.spans, other.usage.spans, strict=True)]
    return [_Line(one.size, a, (b - a) / (other.size - one.size)) for a, b in pairs]


def _solve(lines: Sequence[_Line], budget: int) -> int:
    """Pictures a pass."""
    sizes = []
    for line in lines:
        if line.slope > 0:
            sizes.append(int((budget - line.bytes) // line.slope) + line.size)
        elif line.bytes > budget:
            return 0
    return max(0, min(sizes, default=LIMIT))


def _settle(peak: Callable[[int], float], budget: int, guess: int, limit: int, expected: float) -> tuple[int, float]:
    """Down while it does not fit, up while one more does: kernels choose otherwise for very small batches.

    One more than the guess needs no look where the guess holds what was expected: it was solved to be the last.
    """
    size, peak_bytes = guess, peak(guess) if guess else 0
    is_last = size == limit or (size > 0 and peak_bytes == expected)
    if peak_bytes <= budget and (is_last or (more := peak(size + 1)) > budget):
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
