"""Keras layers that slide a window: convolutions and pools, with TensorFlow's SAME padding written out.

SAME pads so that the output has ceil(n / stride) cells, and where the number of added cells is odd it adds the odd one
after. `nn.Conv2d` pads both sides alike, so an uneven one becomes `nn.ZeroPad2d` in front of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.translation import (
    Shape,
    Translation,
    each,
    part,
    short,
    switch,
    taking,
    whole,
    without,
    word,
)
from core.parsing.plan import LayerCall
from core.shapes import conv_output_size, conv_transpose_output_size, pool_output_size, same_output_size, same_padding

Pads = list[tuple[int, int]]  # (before, after) of each axis
NO_CHANNELS_FIRST = "leave out data_format and write shapes as (height, width, channels), as Keras does by default."


DEFAULTS = {"strides": 1, "padding": "valid", "data_format": None, "dilation_rate": 1, "groups": 1, "activation": None}
DEFAULTS |= {"use_bias": True, "depth_multiplier": 1, "output_padding": None}
SLIDING = "kernel_size strides padding"  # what the settings of each convolution begin with


def convolution(axes: int) -> Callable[..., Translation]:
    """Conv1D, Conv2D, Conv3D."""

    @taking(f"shape filters {SLIDING} data_format dilation_rate groups activation use_bias", **DEFAULTS)
    def translate(settings: Any) -> Translation:
        channels, *sides = _picture(settings.shape, axes, settings.data_format)
        kernel, stride, dilation = _windows(axes, settings.kernel_size, settings.strides, settings.dilation_rate)
        pads = _pads(sides, kernel, stride, dilation, settings.padding)
        out = whole(settings.filters, "filters")
        added, padding_of_conv = _padding(pads, axes)
        written = {
            "stride": short(stride),
            "padding": padding_of_conv,
            "dilation": short(dilation),
            "groups": whole(settings.groups, "groups"),
            "bias": switch(settings.use_bias, "use_bias"),
        }
        written = without(written, stride=1, padding=0, dilation=1, groups=1, bias=True)
        layer = part(f"Conv{axes}d", channels, out, short(kernel), **written)
        return Translation((*added, layer), (out, *_conv_sides(sides, kernel, stride, pads, dilation)))

    return translate


def depthwise(axes: int) -> Callable[..., Translation]:
    """DepthwiseConv1D and 2D: as many groups as channels."""

    @taking(f"shape {SLIDING} depth_multiplier data_format dilation_rate activation use_bias", **DEFAULTS)
    def translate(settings: Any) -> Translation:
        channels = _picture(settings.shape, axes, settings.data_format)[0]
        filters = channels * whole(settings.depth_multiplier, "depth_multiplier", high=1024)
        return convolution(axes)(
            settings.shape,
            filters,
            settings.kernel_size,
            settings.strides,
            settings.padding,
            dilation_rate=settings.dilation_rate,
            groups=channels,
            use_bias=settings.use_bias,
        )

    return translate


def separable(axes: int) -> Callable[..., Translation]:
    """SeparableConv1D and 2D: a depthwise convolution without bias, then a 1x1 one with it."""

    @taking(f"shape filters {SLIDING} data_format dilation_rate depth_multiplier activation use_bias", **DEFAULTS)
    def translate(settings: Any) -> Translation:
        shared = {name: value for name, value in vars(settings).items() if name != "filters"}
        first = depthwise(axes)(**(shared | {"use_bias": False}))
        second = convolution(axes)(first.shape, settings.filters, 1, use_bias=settings.use_bias)
        return Translation(first.parts + second.parts, second.shape)

    return translate


def transposed(axes: int) -> Callable[..., Translation]:
    """Conv2DTranspose. SAME makes n * stride cells: it cuts kernel - stride off the full output, the odd one after.

    `nn.ConvTranspose2d` cuts both sides alike, so an odd cut ends in an `nn.ZeroPad2d` with negative padding. Under
    `output_padding`, SAME cuts half a kernel on each side instead.
    """

    @taking(f"shape filters {SLIDING} output_padding data_format dilation_rate activation use_bias", **DEFAULTS)
    def translate(settings: Any) -> Translation:
        channels, *sides = _picture(settings.shape, axes, settings.data_format)
        kernel, stride, dilation = _windows(axes, settings.kernel_size, settings.strides, settings.dilation_rate)
        same = word(settings.padding, "padding", ("valid", "same")) == "same"
        long = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
        if settings.output_padding is None:
            cut = [max(k - s, 0) if same else 0 for k, s in zip(long, stride, strict=True)]
            missing = [max(s - k, 0) for k, s in zip(long, stride, strict=True)]
        else:
            cut = [2 * (k // 2) if same else 0 for k in long]
            missing = list(each(settings.output_padding, axes, "output_padding", low=0))
        written = {
            "stride": short(stride),
            "padding": short([c // 2 for c in cut]),
            "output_padding": short(missing),
            "dilation": short(dilation),
            "bias": switch(settings.use_bias, "use_bias"),
        }
        written = without(written, stride=1, padding=0, output_padding=0, dilation=1, bias=True)
        out = whole(settings.filters, "filters")
        layer = part(f"ConvTranspose{axes}d", channels, out, short(kernel), **written)
        after = (part(f"ZeroPad{axes}d", _flat([(0, -(c % 2)) for c in cut])),) if any(c % 2 for c in cut) else ()
        longer = [
            conv_transpose_output_size(n, k, s, c // 2, m) - c % 2
            for n, k, s, c, m in zip(sides, long, stride, cut, missing, strict=True)
        ]
        return Translation((layer, *after), (out, *longer))

    return translate


def pool(kind: str, axes: int) -> Callable[..., Translation]:
    """MaxPooling and AveragePooling. Under SAME neither sees the added cells: they are no zeros."""

    @taking("shape pool_size strides padding data_format", **(DEFAULTS | {"pool_size": 2, "strides": None}))
    def translate(settings: Any) -> Translation:
        channels, *sides = _picture(settings.shape, axes, settings.data_format)
        strides = settings.pool_size if settings.strides is None else settings.strides
        kernel, stride, _ = _windows(axes, settings.pool_size, strides, 1)
        pads = _pads(sides, kernel, stride, (1,) * axes, settings.padding)
        added, written, behind = _pool_padding(kind, axes, stride, pads)
        if stride != kernel:
            written = {"stride": short(stride), **written}
        if settings.padding.lower() == "same":
            out = [same_output_size(n, s) for n, s in zip(sides, stride, strict=True)]
        else:
            out = [pool_output_size(n, k, s) for n, k, s in zip(sides, kernel, stride, strict=True)]
        return Translation((*added, part(f"{kind}{axes}d", short(kernel), **written), *behind), (channels, *out))

    return translate


def _pool_padding(
    kind: str, axes: int, stride: Sequence[int], pads: Pads
) -> tuple[tuple[LayerCall, ...], dict[str, Any], tuple[LayerCall, ...]]:
    """Layers in front of the pool, its settings, and layers behind, so that added cells never win and never count.

    A window of even size that moves by one cell reaches one further after than before. The mean of PyTorch's pool,
    padded by half a window, has one result more, in front, which is cut off.
    """
    before = [first for first, _ in pads]
    uneven = [first != last for first, last in pads]
    sliding = [odd and s == 1 for odd, s in zip(uneven, stride, strict=True)]
    if any(sliding) and kind == "MaxPool":
        return (part(f"ConstantPad{axes}d", _flat(pads), float("-inf")),), {}, ()
    before = [first + cut for first, cut in zip(before, sliding, strict=True)]
    settings: dict[str, Any] = {"padding": short(before)} if any(before) else {}
    if any(odd and not cut for odd, cut in zip(uneven, sliding, strict=True)):
        settings["ceil_mode"] = True  # a last window may reach over the end, which is the odd cell
    if kind == "AvgPool" and any(before):
        settings["count_include_pad"] = False
    cut_off = (part(f"ZeroPad{axes}d", _flat([(-int(cut), 0) for cut in sliding])),) if any(sliding) else ()
    return (), settings, cut_off


def _picture(shape: Shape, axes: int, data_format: Any = None) -> Shape:
    if data_format not in (None, "channels_last"):
        raise ParseError(NO_CHANNELS_FIRST)
    if len(shape) != axes + 1:
        raise ParseError(
            f"it needs an input with {axes} spatial dimension{'s' * (axes > 1)} and channels, but gets "
            f"{'x'.join(map(str, shape))}: look at the layer before it, or at the input shape."
        )
    return shape


def _windows(axes: int, kernel: Any, stride: Any, dilation: Any) -> tuple[tuple[int, ...], ...]:
    return each(kernel, axes, "kernel_size"), each(stride, axes, "strides"), each(dilation, axes, "dilation_rate")


def _pads(sides: Sequence[int], kernel: Any, stride: Any, dilation: Any, padding: Any) -> Pads:
    how = word(padding, "padding", ("valid", "same", *(("causal",) if len(sides) == 1 else ())))
    if how == "valid":
        return [(0, 0) for _ in sides]
    if how == "causal":
        return [(dilation[0] * (kernel[0] - 1), 0)]
    return [same_padding(*window) for window in zip(sides, kernel, stride, dilation, strict=True)]


def _padding(pads: Pads, axes: int) -> tuple[tuple[LayerCall, ...], int | tuple[int, ...]]:
    """A layer in front where a side is padded unevenly, or else the convolution's own `padding`."""
    if all(before == after for before, after in pads):
        return (), short([before for before, _ in pads])
    return (part(f"ZeroPad{axes}d", _flat(pads)),), 0


def _flat(pads: Pads) -> tuple[int, ...]:
    """PyTorch's order of borders: the last axis first (left, right, top, bottom)."""
    return tuple(cells for pair in reversed(pads) for cells in pair)


def _conv_sides(sides: Sequence[int], kernel: Any, stride: Any, pads: Pads, dilation: Any) -> list[int]:
    return [conv_output_size(*window) for window in zip(sides, kernel, stride, pads, dilation, strict=True)]
