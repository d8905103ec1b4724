"""The sentences of the pooling page, each a function of the numbers that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from core.lessons.pooling import PooledRegion, PoolingKnobs
from core.percent import percent
from playground import units

Counts = dict[str, tuple[int, int]]  # by the name of a pooling: how many of its values are unchanged, and of how many
MOST_TOLERANCE = 0.05  # of the challenge
CHALLENGE = (
    "Shift the image by 2 to the right and find a max pooling that leaves more than 80\u00a0% of the values unchanged, "
    f"at a tolerance of at most {MOST_TOLERANCE:g}."
)
LETTERS = {"norm_type": "p = {}", "kernel_size": "{0}×{0}", "stride": "stride {}", "output_size": "{0}×{0} output"}


def headline(filtered: bool, shift: tuple[int, int], counts: Counts, kind: str) -> str:
    """What the shift (right, down) leaves unchanged without pooling, and with the chosen one."""
    (before, cells), (after, pooled) = counts["No pooling"], counts[kind]
    right, down = shift
    shown = "feature map" if filtered else "image"
    return (
        f"The {shown} is shifted {right} right and {down} down. **{before:,}** of its {cells:,} values "
        f"stay the same ({percent(before / cells)}); after pooling, **{after:,}** of {pooled:,} do "
        f"({percent(after / pooled)}). " + ("Red marks what changed." if before < cells or after < pooled else "")
    ).rstrip()


def invariance(shift: tuple[int, int], counts: Counts, kind: str) -> str:
    """Whether the chosen pooling hides this shift, and which of all hides it best and worst."""
    if shift == (0, 0):
        return "Without a shift every value is unchanged: shift the image to compare."
    shares = {name: Fraction(*count) for name, count in counts.items()}
    without, share = shares["No pooling"], shares[kind]
    effect = "as large a" if share == without else "a larger" if share > without else "a smaller"
    verdict = (
        "Textbooks say that pooling makes a network invariant to small shifts. Measured here: "
        f"{kind} pooling leaves {effect} share of its values unchanged {'as' if share == without else 'than'} no "
        "pooling at all"
    )
    if len(set(shares.values())) == 1:
        return f"{verdict}, and so does every other."
    most, least = (_those(counts, extreme(shares.values())) for extreme in (max, min))
    return f"{verdict}. Most unchanged: {most}; least: {least}."


def _those(counts: Counts, share: Fraction) -> str:
    """The names that have a share, and the share."""
    names = [name for name, count in counts.items() if Fraction(*count) == share]
    return f"**{', '.join(names)}** ({percent(float(share))})"


def windows(kernel: int, stride: int) -> str:
    """How the windows lie to one another."""
    how = "overlap" if stride < kernel else "touch" if stride == kernel else "leave gaps that are not read"
    return f"Windows of {kernel}×{kernel} with stride {stride} {how}."


def setting(knobs: PoolingKnobs) -> str:
    """What a pooling is set to, in a few words.

    >>> setting((("norm_type", 8), ("kernel_size", 4), ("stride", 2)))
    'p = 8, 4×4, stride 2'
    """
    return ", ".join(LETTERS[name].format(value) for name, value in knobs)


def pyramid(height: int, width: int, maxima: Sequence[np.ndarray]) -> str:
    """How many values a spatial pyramid makes of a map; `maxima` are its levels."""
    values = units.counted(sum(level.size for level in maxima), "value")
    return (
        f"A {height}×{width} map becomes {values} per channel, and so does a map of any other size: a fully connected "
        "layer can follow without resizing the image."
    )


def region(box: tuple[int, int, int, int], size: int, result: PooledRegion) -> str:
    """How a region (left, top, right, bottom; ends inclusive) is divided, and which bins share cells."""
    left, top, right, bottom = box
    shared = [
        name for name, (first, after) in {"row": (0, 1), "column": (2, 3)}.items() if _overlap(result, first, after)
    ]
    ending = f"neighbouring bins share a {' and a '.join(shared)} (dashed)" if shared else "no two bins share a cell"
    return (
        f"The region of {bottom - top + 1}×{right - left + 1} cells is divided into {size}×{size} bins, and each bin "
        f"gives its maximum{f'; {ending}' if size > 1 else ''}."
    )


def _overlap(result: PooledRegion, first: int, after: int) -> bool:
    """Whether two different spans of the bins along one axis have cells in common."""
    spans = sorted({(bin_[first], bin_[after]) for bin_ in result.bins})
    repeated = len(spans) < len(result.maxima)  # two bins of the very same cells
    return repeated or any(here[1] > there[0] for here, there in pairwise(spans))
