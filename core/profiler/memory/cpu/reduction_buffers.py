"""Scratchpads in which oneDNN sums the weight gradients of convolutions in 16 bit.

Both operands are turned around first, so that cells of one row lie together: with AVX-512 a picture at a time, with
AMX as many rows as fit into the cache. For one thread. Found by watching the allocator; the sizes follow oneDNN's
`jit_avx512_core_bf16_conv_kernel.cpp` and `jit_brgemm_conv_utils.cpp`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.profiler.memory.cpu.machine import cache_bytes

BLOCK = 16  # channels side by side
TILE = 32  # cells of a row
PAGE = 4096
HALF, SINGLE = 2, 4  # bytes of a cell, and of a sum
ADDRESSES = 40  # bytes that say where the operands of one product lie

Axes = tuple[int, int, int]  # depth, height, width


@dataclass(frozen=True)
class GradientSum:
    """What is summed over: `read` and `written` cells, their channels in one group, and the windows between them."""

    read: Axes
    written: Axes
    read_channels: int
    written_channels: int
    groups: int
    kernel: Axes
    stride: Axes
    padding: Axes
    dilation: Axes
    with_bias: bool

    @property
    def is_pointwise(self) -> bool:
        return {*self.kernel, *self.stride} == {1} and not any(self.padding)

    @property
    def read_blocks(self) -> int:
        return -(-self.read_channels // BLOCK)

    @property
    def written_blocks(self) -> int:
        return -(-self.written_channels // BLOCK)

    @property
    def reach(self) -> Axes:
        """Cells that a dilated window spans along each axis."""
        depth, height, width = ((size - 1) * step + 1 for size, step in zip(self.kernel, self.dilation, strict=True))
        return depth, height, width

    @property
    def right(self) -> int:
        """Padding that the windows reach at the end of a row; negative where they leave cells out."""
        return (self.written[2] - 1) * self.stride[2] + self.reach[2] - self.read[2] - self.padding[2]

    def sums(self, read_channels: int) -> int:
        """Bytes of the gradients of weight and bias, in fp32 and whole blocks."""
        written = self.groups * self.written_blocks * BLOCK
        return SINGLE * written * (read_channels * math.prod(self.kernel) + (1 if self.with_bias else 0))


def with_amx(conv: GradientSum) -> int:
    """Bytes with AMX: rows of both operands, the sums, and tiles."""
    if conv.is_pointwise and conv.read[2] <= 28:  # short rows are put one behind the other
        conv = replace(conv, read=_in_one_row(conv.read), written=_in_one_row(conv.written))
    step, guard = conv.stride[2], _up(max(conv.padding[2], conv.right + 1), TILE)
    read_width = _up(-(-(conv.read[2] + conv.padding[2] + conv.right) // step), TILE) * step
    written_width = _tiled(conv.written[2])
    read_row = HALF * read_width * BLOCK * conv.read_blocks
    written_row = HALF * written_width * BLOCK * conv.written_blocks
    read_rows, written_rows = _rows_at_once(conv, 2 * read_row, 2 * written_row)
    read = read_row * read_rows * conv.read[0] * conv.groups + HALF * guard
    written = written_row * written_rows * conv.written[0] * conv.groups + HALF * BLOCK * read_width
    addresses = _up(_up(ADDRESSES * conv.written[0] * conv.written[1], PAGE), ADDRESSES)
    return read + written + conv.sums(conv.read_blocks * BLOCK) + addresses + 6 * PAGE + 576


def _in_one_row(cells: Axes) -> Axes:
    return (cells[0], 1, cells[1] * cells[2])


def _rows_at_once(conv: GradientSum, read_row: int, written_row: int) -> tuple[int, int]:
    """Rows that fit into the cache, as equal parts of the whole; a row counts before and after it is turned."""
    down = conv.stride[1]
    room = 0.8 * 0.75 * cache_bytes() - conv.kernel[1] * read_row
    parts = -(-conv.written[1] // max(1, int(room / (read_row + written_row))))
    written = -(-conv.written[1] // parts)
    read = (written - 1) * min(down, conv.kernel[1]) + conv.reach[1]
    return min(conv.read[1], down * read), written


def _up(value: int, step: int) -> int:
    return -(-value // step) * step


def _tiled(width: int) -> int:
    """The width of at least `width` cells that falls into the fewest equal tiles."""
    if width <= TILE:
        return _up(width, 2)

    def tiles(candidate: int) -> int:
        return candidate // next(tile for tile in range(TILE, 0, -2) if candidate % tile == 0)

    return min(range(_up(width, 2), _up(width, TILE) + 1, 2), key=tiles)


def with_avx512(conv: GradientSum, is_first: bool) -> int:
    """Bytes without AMX: a picture of both operands, and the sums; `is_first` reads its few channels as they are."""
    read_channels = conv.read_channels if is_first else conv.read_blocks * BLOCK
    if set(conv.kernel) == {1}:
        thinned = 0 if set(conv.stride) == {1} else HALF * min(read_channels, 128) * math.prod(conv.written)
        return conv.sums(read_channels) + thinned + 128
    step, guard = conv.stride[2], _up(max(conv.padding[2], conv.right + 1), 2)
    read_width = _up(-(-conv.read[2] // step) + guard, 2) * step
    read = 0 if is_first else conv.groups * read_channels * conv.read[0] * conv.read[1] * read_width
    written_width = _up(conv.written[2], 2)
    written = conv.groups * conv.written_blocks * BLOCK * conv.written[0] * conv.written[1] * written_width
    return HALF * (read + written + guard) + conv.sums(read_channels) + 2 * PAGE + 384
