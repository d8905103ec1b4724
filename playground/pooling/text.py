"""Sentences, numbers and the table of the pooling page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.layers.pooling import POOLINGS
from core.lessons.pooling import ShiftComparison, unchanged_count
from core.percent import percent
from core.shapes import pool_output_size
from playground.pooling.settings import PoolingSettings, ShiftSettings

EXAMPLE_SHAPE = (1, 8, 32, 32)
WINDOW_SYMBOLS = "$n$ = input size, $k$ = kernel size, $s$ = stride, $p$ = padding (0 here), $d$ = dilation (1 here)"
ALL_KINDS = "Only NetVLAD has parameters; all others pool each channel separately."
PYRAMID_SYMBOLS = "$C$ = channels, $l$ = bins per side of each level"
CHALLENGE = (
    "Shift the image by 2 to the right and find a max pooling that leaves more than 80\u00a0% of the values unchanged."
)


def unchanged(shift: ShiftSettings, result: ShiftComparison) -> str:
    """How much stays the same before and after pooling."""
    before, cells = unchanged_count(result.view, result.shifted, shift.tolerance)
    after, pooled = unchanged_count(result.pooled, result.pooled_shifted, shift.tolerance)
    return (
        f"The image is shifted {shift.right} right and {shift.down} down. **{before:,}** of its {cells:,} values "
        f"stay the same ({percent(before / cells)}); after pooling, **{after:,}** of {pooled:,} do "
        f"({percent(after / pooled)}). Red marks what changed."
    )


def window(kernel: int, stride: int) -> str:
    """Whether windows overlap, and what that has to do with shifts."""
    return (
        f"Windows of {kernel}×{kernel} with stride {stride} {'overlap' if stride < kernel else 'do not overlap'}. "
        "Textbooks say that pooling makes a network invariant to small shifts. Measured: 2×2 windows hardly do, "
        "large overlapping ones do."
    )


def output_size(chosen: PoolingSettings) -> str:
    """The size formula with the numbers of a window, as LaTeX."""
    kernel, stride = chosen.window
    size, output = chosen.shift.side, pool_output_size(chosen.shift.side, kernel, stride)
    return rf"\left\lfloor\frac{{{size} - {kernel}}}{{{stride}}}\right\rfloor + 1 = {output}"


def is_solved(chosen: PoolingSettings, result: ShiftComparison) -> bool:
    """Whether a max pooling keeps more than 80\u00a0% of its values under a shift of 2 to the right."""
    shift = chosen.shift
    same, total = unchanged_count(result.pooled, result.pooled_shifted, shift.tolerance)
    as_required = chosen.kind == "Max" and (shift.right, shift.down) == (2, 0) and shift.tolerance <= 0.05
    return as_required and same > 0.8 * total


def pyramid(height: int, width: int, levels: Sequence[np.ndarray]) -> str:
    """How many values a map becomes, whatever its size."""
    return (
        f"A {height}×{width} map becomes {sum(level.size for level in levels)} values per channel, and so does a map "
        "of any other size: a fully connected layer can follow without resizing the image."
    )


def pyramid_length(channels: int, levels: Sequence[np.ndarray]) -> str:
    """The length formula with its numbers, as LaTeX."""
    terms = " + ".join(str(level.size) for level in levels)
    length = channels * sum(level.size for level in levels)
    return rf"{channels} \cdot ({terms}) = {length:,}".replace(",", r"{,}")


def region(box: tuple[int, int, int, int], size: int) -> str:
    """How a region is divided."""
    left, top, right, bottom = box
    return (
        f"The region of {bottom - top + 1}×{right - left + 1} pixels is divided into {size}×{size} bins, and each bin "
        "gives its maximum. If the size is not divisible, neighbouring bins share a row or column (dashed)."
    )


def all_kinds(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """The table of all poolings; `shapes` are their outputs for EXAMPLE_SHAPE."""
    lines = [f"| Pooling | One output value | Output for {EXAMPLE_SHAPE} | Source |", "|---|---|---|---|"]
    for name, entry in POOLINGS.items():
        lines.append(f"| {name} | ${entry.formula}$ | `{shapes[name]}` | {entry.paper} |")
    return "\n".join(lines)


def all_symbols() -> str:
    """What the letters of the table stand for, each said once."""
    return ", ".join(dict.fromkeys(symbol for entry in POOLINGS.values() for symbol in entry.symbols))
