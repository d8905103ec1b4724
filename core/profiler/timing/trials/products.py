"""Convolutions, matrix products and attention of random shapes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from core.profiler.timing.trials.trial import Extent, Trial, between, values

aten = torch.ops.aten
BATCHES = (1, 2, 3, 4, 6, 8, 16, 32)
CHANNELS = (16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024)
SIDES = (4, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224)
WIDTHS = (10, 16, 32, 64, 100, 128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
DRAWS = 40  # shapes from which the one nearest to the wanted size is taken


@dataclass(frozen=True)
class ConvolutionClass:
    """A class of shapes: how many are drawn in a sweep, and from what."""

    count: int
    windows: tuple[int, ...]
    strides: tuple[int, ...] = (1,)
    inputs: tuple[int, ...] = CHANNELS
    groups: str = "one"  # "one", "each" for depthwise, "some"
    share: float = 1.0  # of the products that others have at most: kernels of this class are slow
    is_transposed: bool = False


CLASSES = {
    "pointwise": ConvolutionClass(8, (1,)),
    "pointwise strided": ConvolutionClass(4, (1,), (2,)),
    "dense": ConvolutionClass(11, (3, 3, 3, 5, 7)),
    "dense strided": ConvolutionClass(5, (2, 3, 3, 4, 5), (2, 2, 4)),
    "depthwise": ConvolutionClass(5, (3,), groups="each", share=0.1),
    "depthwise wide": ConvolutionClass(4, (5, 5, 7), groups="each", share=0.1),
    "depthwise strided": ConvolutionClass(4, (3,), (2,), groups="each", share=0.1),
    "depthwise wide strided": ConvolutionClass(3, (5, 7), (2,), groups="each", share=0.05),
    "grouped": ConvolutionClass(3, (1, 3, 3), groups="some", share=0.3),
    "grouped strided": ConvolutionClass(2, (1, 3), (2,), groups="some", share=0.3),
    "few channels": ConvolutionClass(5, (3, 5, 7, 11), (1, 2, 4), (1, 3, 3)),
    "transposed": ConvolutionClass(3, (3, 4), (1,), is_transposed=True),
    "transposed strided": ConvolutionClass(4, (2, 3, 4), (2,), is_transposed=True),
}


@dataclass(frozen=True)
class ConvolutionShape:
    """All sizes of one convolution of square images."""

    batch: int
    inputs: int
    outputs: int
    side: int
    window: int
    stride: int
    groups: int
    is_transposed: bool

    @property
    def padding(self) -> int:
        return self.window // 2 if self.window % 2 else 0

    @property
    def out_side(self) -> int:
        if self.is_transposed:
            return (self.side - 1) * self.stride - 2 * self.padding + self.window
        return (self.side + 2 * self.padding - self.window) // self.stride + 1

    @property
    def macs(self) -> int:
        cells = self.side if self.is_transposed else self.out_side
        return self.batch * cells**2 * self.window**2 * self.inputs * self.outputs // self.groups

    @property
    def cells(self) -> int:
        """Of the larger tensor."""
        return self.batch * max(self.inputs * self.side**2, self.outputs * self.out_side**2)

    def tensors(self, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """Input, weight and output."""
        ins, outs = self.inputs, self.outputs
        first, second = (ins, outs // self.groups) if self.is_transposed else (outs, ins // self.groups)
        sizes = (
            (self.batch, ins, self.side, self.side),
            (first, second, self.window, self.window),
            (self.batch, outs, self.out_side, self.out_side),
        )
        x, weight, y = (values(*size, device=device, dtype=dtype) for size in sizes)
        return x, weight, y

    @property
    def rest(self) -> tuple:
        """The arguments of aten.convolution from stride on."""
        step, pad = [self.stride] * 2, [self.padding] * 2
        return step, pad, [1, 1], self.is_transposed, [0, 0], self.groups


def product_trials(dtype: torch.dtype, draw: random.Random, extent: Extent) -> Iterator[Trial]:
    """All that multiply, in one type."""
    for kind in CLASSES.values():
        for _ in range(kind.count):
            yield from _convolution(_drawn(kind, draw, extent), dtype)
    for _ in range(11):
        yield from _linear(dtype, draw, extent)
    for _ in range(3):
        yield _products(dtype, draw, extent)
        yield _attention(dtype, draw, extent)


def _drawn(kind: ConvolutionClass, draw: random.Random, extent: Extent) -> ConvolutionShape:
    """The shape nearest to a random number of products among several, of tensors that are not too large."""
    wanted = between(draw, extent.macs) * kind.share
    shapes = [shape for shape in (_shape(kind, draw) for _ in range(DRAWS)) if shape.cells <= extent.cells[1]]
    return min(shapes, key=lambda shape: abs(math.log(shape.macs / wanted)))


def _shape(kind: ConvolutionClass, draw: random.Random) -> ConvolutionShape:
    inputs, outputs = draw.choice(kind.inputs), draw.choice(CHANNELS)
    groups = {"one": 1, "each": inputs, "some": draw.choice((2, 4, 8))}[kind.groups]
    outputs = inputs if kind.groups == "each" else outputs
    window, side = draw.choice(kind.windows), draw.choice(SIDES)
    sizes = draw.choice(BATCHES), inputs, outputs, max(side, window), window, draw.choice(kind.strides)
    return ConvolutionShape(*sizes, groups, kind.is_transposed)


def _convolution(shape: ConvolutionShape, dtype: torch.dtype) -> Iterator[Trial]:
    """The three products of one convolution."""
    nbytes = 2 * shape.cells * dtype.itemsize

    def forward(device: torch.device) -> tuple:
        x, weight, _ = shape.tensors(dtype, device)
        return x, weight, None, *shape.rest

    def backward(mask: list[bool], device: torch.device) -> tuple:
        x, weight, y = shape.tensors(dtype, device)
        return y, x, weight, [shape.outputs], *shape.rest, mask

    yield Trial(aten.convolution.default, forward, nbytes)
    for mask in ([True, False, False], [False, True, True]):
        yield Trial(aten.convolution_backward.default, partial(backward, mask), nbytes)


def _linear(dtype: torch.dtype, draw: random.Random, extent: Extent) -> Iterator[Trial]:
    """The three products of a linear layer: of inputs, of its input gradient, of its weight gradient."""
    wanted = between(draw, (extent.macs[0] / 30, extent.macs[1]))
    sizes = [(round(between(draw, (1, 4096))), draw.choice(WIDTHS), draw.choice(WIDTHS)) for _ in range(DRAWS)]
    rows, ins, outs = min(sizes, key=lambda size: abs(math.log(math.prod(size) / wanted)))

    nbytes = dtype.itemsize * (rows * ins + ins * outs + rows * outs)

    def make(*size: int, on: torch.device) -> Tensor:
        return values(*size, device=on, dtype=dtype)

    def forward(on: torch.device) -> tuple:
        return make(outs, on=on), make(rows, ins, on=on), make(outs, ins, on=on).t()

    def input_gradient(on: torch.device) -> tuple:
        return make(rows, outs, on=on), make(outs, ins, on=on)

    def weight_gradient(on: torch.device) -> tuple:
        return make(rows, outs, on=on).t(), make(rows, ins, on=on)

    yield Trial(aten.addmm.default, forward, nbytes, warm=1)
    yield Trial(aten.mm.default, input_gradient, nbytes)
    yield Trial(aten.mm.default, weight_gradient, nbytes)


def _products(dtype: torch.dtype, draw: random.Random, extent: Extent) -> Trial:
    """Several matrix products at once."""
    count, rows, inner, columns = (round(between(draw, limits)) for limits in ((2, 64), (8, 256), (16, 128), (8, 256)))

    def build(device: torch.device) -> tuple:
        sizes = (count, rows, inner), (count, inner, columns)
        return tuple(values(*size, device=device, dtype=dtype) for size in sizes)

    return Trial(aten.bmm.default, build, dtype.itemsize * count * (rows * inner + inner * columns + rows * columns))


def _attention(dtype: torch.dtype, draw: random.Random, extent: Extent) -> Trial:
    """Attention of several heads."""
    batch, heads, tokens, width = draw.choice((1, 2, 4)), draw.choice((2, 4, 8)), round(between(draw, (16, 512))), 64

    def build(device: torch.device) -> tuple:
        return tuple(values(batch, heads, tokens, width, device=device, dtype=dtype) for _ in range(3))

    nbytes = 4 * dtype.itemsize * batch * heads * tokens * width
    return Trial(aten._scaled_dot_product_flash_attention_for_cpu.default, build, nbytes)
