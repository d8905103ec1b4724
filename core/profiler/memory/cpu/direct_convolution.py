"""Which kernel oneDNN takes for a convolution on the CPU, and what it copies for it.

A convolution has three passes: forward, the gradient of what it reads, the gradient of the weight. Each takes the first
kernel of a list that can do it. Most want channels in blocks and copy all operands; a product of matrices reads
everything as it lies and unfolds one picture at a time; what a stride spreads out is done with channels last. A
transposed convolution is the same three passes with another one first.
Source: `cpu_convolution_list.cpp` of oneDNN 3 and the `init_conf` of its kernels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.profiler.memory.cpu.machine import cache_bytes, channel_block, has_avx512

PAGE = 4096
SINGLE = 4
LINE = 128  # bytes that a scratchpad takes for each buffer in it, to begin on a line
CACHED = 0.8  # of the second-level cache are unfolded at once
SMALL = 27  # taps of a kernel up to which windows are slid even where there is only one
WIDEST = 14  # the widest kernel for which gradients of weights are written out
ASIDE = 8 * PAGE  # addresses and masks beside a buffer that is spread out


@dataclass(frozen=True)
class Pass:
    """Bytes of one pass: copies of operands, the result in the kernel's layout, and the scratchpad.

    `turned` is one more copy of the result, with channels last, on the way to the layout that is wanted; `in_place`
    says that the kernel writes where the result stays.
    """

    copies: int
    result: int
    scratch: int = 0
    turned: int = 0
    in_place: bool = False

    def fullest(self, result: int) -> int:
        """Bytes at the fullest moment, which is in the kernel or in the copying of its `result`."""
        if self.in_place:
            return self.copies + result + self.scratch
        return max(self.copies + self.result + self.scratch, self.result + self.turned + result)


@dataclass(frozen=True)
class Convolution:
    """It reads `read` channels of `cells` and makes `made` of `made_cells`; kernels are `taps` wide along each axis."""

    batch: int
    read: int
    made: int
    cells: tuple[int, ...]
    made_cells: tuple[int, ...]
    taps: tuple[int, ...]
    stride: Sequence[int]
    padding: Sequence[int]
    dilation: Sequence[int]
    groups: int
    with_bias: bool
    size: int = SINGLE  # bytes of a cell
    is_last: bool = False  # channels lie last
    sums: int = 0  # bytes in which gradients of 16-bit weights are summed

    @property
    def input_bytes(self) -> int:
        return self.size * self.batch * self.read * math.prod(self.cells)

    @property
    def output_bytes(self) -> int:
        return self.size * self.batch * self.made * math.prod(self.made_cells)

    @property
    def weight_bytes(self) -> int:
        return self.size * self.made * self.read // self.groups * math.prod(self.taps)

    @property
    def is_depthwise(self) -> bool:
        return self.groups > 1 and self.read == self.made == self.groups

    @property
    def is_pointwise(self) -> bool:
        return set(self.taps) == {1}

    @property
    def is_product(self) -> bool:
        """Whether there is a kernel for it that knows no windows."""
        return self.is_pointwise and not any(self.padding) and (len(self.cells) < 3 or set(self.stride) == {1})

    @property
    def is_dilated(self) -> bool:
        return max(self.dilation) > 1 and not self.is_product

    @property
    def is_dense(self) -> bool:
        """Whether a large kernel sees the whole picture at once, of more than one: a product, with channels last."""
        alone = self.groups == 1 and set(self.made_cells) == {1} == set(self.stride) and not any(self.padding)
        return alone and self.batch > 1 and math.prod(self.taps) > SMALL and max(self.dilation) == 1

    @property
    def has_few(self) -> bool:
        """A few channels are read where they are, not copied into a block."""
        return self.groups == 1 and self.read < channel_block() and not self.is_product

    @property
    def unfolded(self) -> int:
        """Bytes of one picture, of one group, with each window written out; of three axes, of one layer of it."""
        if self.is_pointwise and set(self.stride) == {1} and not any(self.padding):
            return 0
        cells = math.prod(self.made_cells[-2:])
        return self.size * self.read // self.groups * math.prod(self.taps) * cells

    def blocked(self, channels: int, block: int) -> int:
        """Channels filled up to whole blocks, where there are no groups."""
        return -(-channels // block) * block if self.groups == 1 or self.is_depthwise else channels

    def input_in(self, block: int) -> int:
        return self.input_bytes // self.read * self.blocked(self.read, block)

    def output_in(self, block: int) -> int:
        return self.output_bytes // self.made * self.blocked(self.made, block)

    def weight_in(self, block: int, read_as_it_is: bool = False) -> int:
        """Bytes of the weight in blocks; few channels that stay as they are come in pairs where they are 16 bit."""
        paired = self.read + self.read % 2 if self.size < SINGLE else self.read
        read = self.read if self.is_depthwise else paired if read_as_it_is else self.blocked(self.read, block)
        return self.weight_bytes * read * self.blocked(self.made, block) // (self.read * self.made)

    @property
    def filled_groups(self) -> int:
        """Bytes of the weight with both sides of each group in whole blocks."""
        read, made = (-(-side // self.groups // channel_block()) * channel_block() for side in (self.read, self.made))
        return self.size * self.groups * read * made * math.prod(self.taps)

    def block(self, least: int) -> int | None:
        """Channels side by side: as many as all groups fill, but not fewer than `least`; None where these do not."""
        widest = channel_block()
        if self.groups == 1 or self.is_depthwise:
            return widest
        sides = self.read // self.groups, self.made // self.groups
        return next((size for size in (16, 8, 4) if least <= size <= widest and not any(n % size for n in sides)), None)


def forward(conv: Convolution) -> Pass:
    """The pass that makes the output."""
    if conv.is_dense:
        read = 0 if conv.is_last else conv.input_bytes
        packed = 64 * min(1024, conv.weight_bytes // conv.made // conv.size) * conv.size
        return Pass(read + conv.weight_bytes, conv.output_bytes, packed + 9 * LINE)
    if conv.is_last:
        dense = conv.is_depthwise or conv.groups == 1
        weight = conv.weight_in(channel_block(), conv.has_few) if dense else conv.filled_groups
        return Pass(weight, conv.output_bytes, in_place=True)
    if conv.is_depthwise and len(conv.cells) == 3 and has_avx512():
        turned = conv.input_bytes if conv.read > 1 else 0
        return Pass(turned + conv.weight_in(channel_block()), conv.output_bytes, 0, conv.output_bytes)
    block = conv.block(4)
    if block is None:
        channels = conv.read // conv.groups
        parts = max(1, math.ceil(conv.unfolded / (CACHED * cache_bytes())))
        return Pass(0, conv.output_bytes, conv.unfolded // channels * math.ceil(channels / parts) + LINE)
    copies = conv.weight_in(block, conv.has_few) + (0 if conv.has_few else conv.input_in(block))
    filled = SINGLE * conv.made + LINE if conv.with_bias and conv.made % block else 0
    half_sums = SINGLE * conv.made * math.prod(conv.made_cells) if conv.size < SINGLE and conv.is_product else 0
    return Pass(copies, conv.output_in(block), _thinned(conv, block) + filled + half_sums)


def to_input(conv: Convolution, with_bias: bool = False) -> Pass:
    """The pass that makes the gradient of what is read, and the output of a transposed convolution."""
    if conv.is_dense:
        return Pass(conv.output_bytes + conv.weight_bytes, conv.input_bytes, 9 * LINE, conv.input_bytes)
    if conv.is_depthwise and len(conv.cells) == 3 and not conv.is_last:
        return _product(conv, conv.input_bytes)
    each, block = conv.made // conv.groups, conv.block(4)
    few = conv.groups > 1 and (each <= 8 or (each <= 16 and block is not None))
    if max(conv.stride) > 1 and not (few or conv.is_depthwise or conv.is_dilated):
        return _spread(conv)
    if conv.is_last:
        dense = conv.is_depthwise or conv.groups == 1
        weight = conv.weight_in(channel_block()) if dense else conv.filled_groups
        return Pass(weight, conv.input_bytes, in_place=True)
    if block is None or (conv.is_dilated and max(conv.stride) > 1):
        return _with_bias(_product(conv, conv.input_bytes), conv, with_bias)
    result = Pass(conv.output_in(block) + conv.weight_in(block), conv.input_in(block))
    return _with_bias(result, conv, with_bias)


def _with_bias(made: Pass, conv: Convolution, with_bias: bool) -> Pass:
    """A transposed convolution adds its bias on the way from one buffer, in fp32, to another."""
    aside = made.result * SINGLE // conv.size + LINE if with_bias else 0
    return replace(made, scratch=made.scratch + aside)


def to_weight(conv: Convolution) -> Pass:
    """The pass that makes the gradient of the weight."""
    bias = SINGLE * conv.made if conv.with_bias else 0
    if conv.is_dense:
        read = 0 if conv.is_last else conv.input_bytes
        return Pass(read, conv.weight_bytes + bias, 9 * LINE, conv.weight_bytes)
    if conv.is_last:
        return _last_to_weight(conv)
    if conv.is_depthwise:
        if len(conv.cells) == 3 or max(conv.taps) > 3:
            return _summed(conv, bias)
        widest = channel_block()
        return Pass(conv.input_in(widest) + conv.output_in(widest), conv.weight_in(widest) + bias)
    block = _gradient_block(conv)
    if block is None:
        return _summed(conv, bias)
    read_as_it_is = conv.has_few and (block == 16 or conv.read <= 3)
    copies = conv.output_in(block) + (0 if read_as_it_is else conv.input_in(block))
    filled = SINGLE * conv.blocked(conv.made, block) + LINE if bias and conv.made % block else 0
    return Pass(copies, conv.weight_in(block, read_as_it_is) + bias, _thinned(conv, block) + filled + conv.sums)


def _last_to_weight(conv: Convolution) -> Pass:
    """The same with channels last: nothing is copied but the gradient itself."""
    if _gradient_block(conv) is None and not conv.is_depthwise and conv.groups == 1:
        return replace(_summed(conv, 0), turned=conv.weight_bytes)
    whole = conv.groups > 1 and not (conv.is_depthwise and max(conv.taps) <= 3)
    weight = conv.filled_groups if whole else conv.weight_in(channel_block(), conv.has_few)
    return Pass(0, weight, conv.sums, conv.weight_bytes)


def _product(conv: Convolution, result: int) -> Pass:
    """A product of matrices, which reads everything as it lies."""
    return Pass(0, result, conv.unfolded + LINE)


def _summed(conv: Convolution, bias: int) -> Pass:
    """The same for the gradient of the weight, which is summed aside, in a buffer four times too large."""
    return Pass(0, conv.weight_bytes + bias, conv.unfolded + SINGLE * conv.weight_bytes + 2 * LINE)


def _spread(conv: Convolution) -> Pass:
    """Channels last: one picture of the gradient as far as windows reach, where there are windows."""
    turned_input = conv.input_bytes if conv.read > 1 else 0
    turned_output = conv.output_bytes if conv.made > 1 and not conv.is_last else 0
    made = conv.weight_bytes // conv.read * (conv.blocked(conv.read, 16))
    scratch = 0
    if not conv.is_pointwise:
        axes = zip(conv.made_cells, conv.taps, conv.padding, conv.stride, strict=True)
        reached = math.prod(n + 2 * max(0, (k - 1 - p) // s) for n, k, p, s in axes)
        scratch = -(-conv.size * conv.made * reached // PAGE) * PAGE + ASIDE
    return Pass(turned_output + made, turned_input, scratch, conv.input_bytes, in_place=conv.is_last)


def _thinned(conv: Convolution, block: int) -> int:
    """A 1x1 convolution with a stride first leaves cells out, a picture at a time."""
    if not conv.is_product or max(conv.stride) == 1 or conv.groups > 1:
        return 0
    return conv.size * conv.blocked(conv.read, block) * math.prod(conv.made_cells) + LINE


def _gradient_block(conv: Convolution) -> int | None:
    """Channels side by side for the gradient of the weight; None where no kernel but a product can make it."""
    reach = [(k - 1) * d + 1 for k, d in zip(conv.taps, conv.dilation, strict=True)]
    fits = all(span <= n + 2 * p for span, n, p in zip(reach, conv.cells, conv.padding, strict=True))
    beside = all(p <= span // 2 for p, span in zip(conv.padding[:-1], reach, strict=False)) and fits
    upright = zip(conv.dilation[:-1], conv.stride, strict=False)  # along a row both may be more than one
    dilated_so = not conv.is_dilated or (len(conv.cells) < 3 and all(d == 1 or s == 1 for d, s in upright))
    if conv.size < SINGLE and conv.has_few and conv.made % channel_block():
        return None
    shallow = len(conv.cells) == 3 and conv.padding[0] > 0 and conv.taps[0] >= conv.cells[0] + conv.padding[0]
    if has_avx512() and beside and dilated_so and not shallow and conv.taps[-1] <= WIDEST:
        sides = conv.read // conv.groups, conv.made // conv.groups
        if conv.groups == 1 and (conv.read >= 16 or conv.read <= 3 or conv.is_product or conv.size < SINGLE):
            return 16
        if conv.groups > 1 and not any(n % 16 for n in sides):
            return 16
    beyond = any(k > n for k, n in zip(conv.taps[:-1], conv.cells, strict=False))
    if conv.is_dilated or conv.taps[-1] >= WIDEST or beyond or not beside:
        return None
    narrow = conv.groups == 1 or not any(n % 8 for n in (conv.read // conv.groups, conv.made // conv.groups))
    return 8 if narrow else None
