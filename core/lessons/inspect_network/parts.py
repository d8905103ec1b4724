"""What one map is made of: its source maps, the kernel for each, and what the layers behind add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.lessons.inspect_network.activations import INPUT, MEAN, LayerOutput
from core.lessons.inspect_network.columns import ADDITION, CONVOLUTION, LINEAR, POOLING, Column, maps_of

MOST = 12  # sources that are shown one by one
SUM, MAXIMUM, AVERAGE = "sum", "maximum", "average"
Windows = tuple[tuple[int, int], ...]  # along one axis: the first cell and the one behind the last, of each
_ONE = torch.ones(1, 1)


@dataclass(frozen=True, eq=False)
class SourceMap:
    """One source: number `channel` of its column, its values (H, W), padding included, and the kernel (k, l) for it."""

    column: int
    channel: int
    values: Tensor
    kernel: Tensor


@dataclass(frozen=True, eq=False)
class LaterLayer:
    """A layer behind the one that mixes maps: what it makes of this map, (h, w), and the factor and shift it applies.

    A normalization in evaluation mode is y = scale x + shift; an activation has neither.
    """

    name: str
    kind: str
    values: Tensor
    scale: float | None = None
    shift: float | None = None


@dataclass(frozen=True, eq=False)
class Parts:
    r"""How cell (i, j) of a map is computed.

    $$y_{ij} = b + \sum_c \sum_{u, v} w_{cuv}\, x_{c,\, s i + d u,\, s j + d v}$$

    x are the `sources`, s is `stride` and d `dilation` (height, width). `rest` is what all further sources give
    together, (h, w). Where `reduces` is MAXIMUM or AVERAGE, each cell is that of the one source's window, without a
    kernel; windows of different sizes are given as `windows` along the height and the width, and have no stride.
    `padding` counts the rows and columns of zeros in the sources: top, bottom, left, right. `later` are the layers
    behind, the last of which gives the map that is shown.
    """

    reduces: str
    sources: tuple[SourceMap, ...]
    rest: Tensor | None
    rest_count: int
    bias: float
    stride: tuple[int, int]
    dilation: tuple[int, int]
    main: Tensor
    later: tuple[LaterLayer, ...]
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    windows: tuple[Windows, Windows] | None = None

    def part(self, source: SourceMap, row: int, column: int) -> float:
        """What one source adds to a cell: the sum of its window's values, each times its weight."""
        return float((self.window(source, row, column) * source.kernel).sum())

    def window(self, source: SourceMap, row: int, column: int) -> Tensor:
        """The values (k, l) of a source that a cell reads."""
        if self.windows is not None:
            (first, last), (left, right) = self.windows[0][row], self.windows[1][column]
            return source.values[first:last, left:right]
        (top, start), (high, wide) = (row * self.stride[0], column * self.stride[1]), source.kernel.shape
        down, across = self.dilation
        return source.values[top : top + high * down : down, start : start + wide * across : across]


@torch.no_grad()
def parts_of(
    layers: Sequence[LayerOutput], columns: Sequence[Column], x_CHW: Tensor, column: int, channel: int, most: int = MOST
) -> Parts:
    """What map `channel` of a column is made of; the `most` sources that count most, one by one.

    Raises: PlaygroundError where it cannot be taken apart: its column reads what none shows, or computes otherwise.
    """
    chosen = columns[column]
    main = layers[chosen.main]
    if not chosen.sources or chosen.kind not in _MAKERS:
        raise PlaygroundError(f"{main.name or main.kind} is not a sum of maps that are shown here.")
    shown = [x_CHW if at == INPUT else maps_of(layers[columns[at].layers[-1]].output) for at in chosen.sources]
    later = tuple(_later(layers[at], channel) for at in chosen.layers if at > chosen.main)
    return _MAKERS[chosen.kind](main, chosen.sources, shown, channel, later, most)


def _convolution(
    main: LayerOutput, at: tuple[int, ...], shown: list[Tensor], channel: int, later: tuple, most: int
) -> Parts:
    module = main.module
    assert isinstance(module, nn.Conv2d)
    group = channel // (module.out_channels // module.groups)
    width = module.in_channels // module.groups
    mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
    padded = F.pad(shown[0][None], module._reversed_padding_repeated_twice, mode)[0]
    sources = [
        SourceMap(at[0], c, padded[c], module.weight[channel, c - group * width].detach())
        for c in range(group * width, (group + 1) * width)
    ]
    bias = 0.0 if module.bias is None else float(module.bias[channel].detach())
    stride, dilation = (module.stride[0], module.stride[1]), (module.dilation[0], module.dilation[1])
    left, right, top, bottom = module._reversed_padding_repeated_twice if mode == "constant" else (0, 0, 0, 0)
    return replace(
        _summed(sources, bias, stride, dilation, main, channel, later, most), padding=(top, bottom, left, right)
    )


def _linear(
    main: LayerOutput, at: tuple[int, ...], shown: list[Tensor], channel: int, later: tuple, most: int
) -> Parts:
    module, maps = main.module, shown[0]
    assert isinstance(module, nn.Linear)
    kernels = module.weight[channel].detach().reshape(maps.shape)
    sources = [SourceMap(at[0], c, maps[c], kernels[c]) for c in range(len(maps))]
    bias = 0.0 if module.bias is None else float(module.bias[channel].detach())
    return _summed(sources, bias, (1, 1), (1, 1), main, channel, later, most)


def _summed(
    sources: list[SourceMap],
    bias: float,
    stride: tuple[int, int],
    dilation: tuple[int, int],
    main: LayerOutput,
    channel: int,
    later: tuple,
    most: int,
) -> Parts:
    """The strongest sources one by one, in their order, and what the others give together."""
    x = torch.stack([source.values for source in sources])[None]
    kernels = torch.stack([source.kernel for source in sources])[:, None]
    parts = F.conv2d(x, kernels, stride=stride, dilation=dilation, groups=len(sources))[0]
    strongest = parts.abs().mean((1, 2)).argsort(descending=True, stable=True)[:most].sort().values.tolist()
    others = sorted(set(range(len(sources))) - set(strongest))
    rest = parts[others].sum(0) if others else None
    kept = tuple(sources[c] for c in strongest)
    output = maps_of(main.output)[channel]
    return Parts(SUM, kept, rest, len(others), bias, stride, dilation, output, later)


def _pooling(
    main: LayerOutput, at: tuple[int, ...], shown: list[Tensor], channel: int, later: tuple, most: int
) -> Parts:
    values, output, module = shown[0][channel], maps_of(main.output)[channel], main.module
    if main.kind == MEAN or isinstance(module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        rows, columns = map(adaptive_windows, values.shape, output.shape)
        reduces = MAXIMUM if isinstance(module, nn.AdaptiveMaxPool2d) else AVERAGE
        return _windowed(reduces, SourceMap(at[0], channel, values, _ONE), (rows, columns), output, later)
    if not isinstance(module, nn.MaxPool2d | nn.AvgPool2d) or getattr(module, "divisor_override", None):
        raise PlaygroundError(f"{main.name or main.kind} is no mean and no maximum of the cells of its windows.")
    kernel, stride, padding, dilation = (
        _pair(getattr(module, name, 1)) for name in ("kernel_size", "stride", "padding", "dilation")
    )
    if isinstance(module, nn.AvgPool2d):
        padded = F.pad(values, (padding[1], padding[1], padding[0], padding[0]))
        sides = zip(output.shape, kernel, stride, padding, values.shape, strict=True)
        rows, columns = (_clipped(*side, module.count_include_pad) for side in sides)
        return _windowed(AVERAGE, SourceMap(at[0], channel, padded, _ONE), (rows, columns), output, later)
    down, right = (
        max(
            padding[axis],
            (output.shape[axis] - 1) * stride[axis]
            + dilation[axis] * (kernel[axis] - 1)
            + 1
            - padding[axis]
            - values.shape[axis],
        )
        for axis in (0, 1)
    )  # with ceil_mode the last window reaches further than the padding
    padded = F.pad(values, (padding[1], right, padding[0], down), value=-torch.inf)
    source = SourceMap(at[0], channel, padded, torch.ones(kernel))
    return Parts(MAXIMUM, (source,), None, 0, 0.0, stride, dilation, output, later)


def adaptive_windows(size: int, count: int) -> Windows:
    r"""First cell, and the one behind the last, of each of `count` windows of an adaptive pooling over `size` cells.

    $$\left\lfloor\frac{i\, n}{m}\right\rfloor, \quad \left\lceil\frac{(i + 1)\, n}{m}\right\rceil$$

    >>> adaptive_windows(7, 3)
    ((0, 3), (2, 5), (4, 7))
    """
    return tuple((cell * size // count, -(-(cell + 1) * size // count)) for cell in range(count))


def _clipped(count: int, kernel: int, stride: int, padding: int, size: int, counts_padding: bool) -> Windows:
    """The cells that a mean counts, in the padded map: with `ceil_mode` the last window ends where that does."""
    low, high = (0, size + 2 * padding) if counts_padding else (padding, size + padding)
    return tuple((max(low, cell * stride), min(high, cell * stride + kernel)) for cell in range(count))


def _windowed(reduces: str, source: SourceMap, windows: tuple[Windows, Windows], output: Tensor, later: tuple) -> Parts:
    """Windows of one size and one distance are a kernel and a stride; all others are named one by one."""
    sides = [{stop - start for start, stop in along} for along in windows]
    steps = [{after[0] - before[0] for before, after in pairwise(along)} or {1} for along in windows]
    if all(len(one) == 1 for one in (*sides, *steps)) and all(along[0][0] == 0 for along in windows):
        (high, wide), (down, right) = (min(one) for one in sides), (min(one) for one in steps)
        whole = replace(source, kernel=torch.ones(high, wide))
        return Parts(reduces, (whole,), None, 0, 0.0, (down, right), (1, 1), output, later)
    return Parts(reduces, (source,), None, 0, 0.0, (1, 1), (1, 1), output, later, windows=windows)


def _addition(
    main: LayerOutput, at: tuple[int, ...], shown: list[Tensor], channel: int, later: tuple, most: int
) -> Parts:
    one = torch.ones(1, 1)
    sources = tuple(SourceMap(number, channel, maps[channel], one) for number, maps in zip(at, shown, strict=True))
    return Parts(SUM, sources, None, 0, 0.0, (1, 1), (1, 1), maps_of(main.output)[channel], later)


_MAKERS = {CONVOLUTION: _convolution, LINEAR: _linear, POOLING: _pooling, ADDITION: _addition}


def _later(layer: LayerOutput, channel: int) -> LaterLayer:
    scale = shift = None
    if isinstance(layer.module, nn.modules.batchnorm._BatchNorm) and layer.module.running_mean is not None:
        scale, shift = batch_norm_line(layer.module, channel)
    return LaterLayer(layer.name, layer.kind, maps_of(layer.output)[channel], scale, shift)


def batch_norm_line(module: nn.modules.batchnorm._BatchNorm, channel: int) -> tuple[float, float]:
    r"""Scale and shift of one channel of a batch normalization in evaluation mode.

    $$y = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}}\, x + \beta - \frac{\gamma \mu}{\sqrt{\sigma^2 + \epsilon}}$$

    Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.1.
    """
    assert module.running_mean is not None
    assert module.running_var is not None
    gain = float(module.weight[channel].detach()) if module.weight is not None else 1.0
    offset = float(module.bias[channel].detach()) if module.bias is not None else 0.0
    scale = gain / (float(module.running_var[channel]) + module.eps) ** 0.5
    return scale, offset - scale * float(module.running_mean[channel])


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
