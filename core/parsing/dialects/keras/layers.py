"""Every Keras layer that we read, and the PyTorch layers that do the same. To add one, add a line to KERAS.

A translator takes the shape that reaches it and the layer's settings under Keras's names and in Keras's order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.keras.layer_kinds.norms import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
    whole_instance_norm,
)
from core.parsing.dialects.keras.layer_kinds.preparing import PREPARING, left_out, sides_of
from core.parsing.dialects.keras.layer_kinds.windows import convolution, depthwise, pool, separable, transposed
from core.parsing.dialects.translation import (
    Shape,
    Translation,
    each,
    part,
    real,
    short,
    switch,
    whole,
    without,
    word,
)
from core.parsing.plan import LayerCall

ORDER_NOTE = (
    "Keras puts channels last, PyTorch first: the values of a flattened feature map are in another order, "
    "which matters only for transferred weights."
)
ACTIVATIONS: dict[str, LayerCall | None] = {
    "linear": None,
    "relu": part("ReLU"),
    "relu6": part("ReLU6"),
    "leaky_relu": part("LeakyReLU", 0.2),
    "sigmoid": part("Sigmoid"),
    "hard_sigmoid": part("Hardsigmoid"),
    "tanh": part("Tanh"),
    "softmax": part("Softmax", dim=1),
    "log_softmax": part("LogSoftmax", dim=1),
    "softplus": part("Softplus"),
    "softsign": part("Softsign"),
    "elu": part("ELU"),
    "selu": part("SELU"),
    "gelu": part("GELU"),
    "silu": part("SiLU"),
    "swish": part("SiLU"),
    "hard_silu": part("Hardswish"),
    "hard_swish": part("Hardswish"),
    "mish": part("Mish"),
    "celu": part("CELU"),
    "hard_tanh": part("Hardtanh"),
    "log_sigmoid": part("LogSigmoid"),
    "hard_shrink": part("Hardshrink"),
    "soft_shrink": part("Softshrink"),
    "tanh_shrink": part("Tanhshrink"),
}


def dense(shape: Shape, units: Any, activation: Any = None, use_bias: Any = True) -> Translation:
    """Dense works on the last axis, the channels: on maps it is a 1x1 convolution."""
    out = whole(units, "units")
    bias = without({"bias": switch(use_bias, "use_bias")}, bias=True)
    if len(shape) == 1:
        return Translation((part("Linear", shape[0], out, **bias),), (out,))
    return Translation((part(f"Conv{len(shape) - 1}d", shape[0], out, 1, **bias),), (out, *shape[1:]))


def activation_step(shape: Shape, activation: Any) -> Translation:
    """Activation("relu"), and every layer's own `activation=`."""
    name = word("linear" if activation is None else activation, "activation", tuple(ACTIVATIONS))
    layer = ACTIVATIONS[name]
    return Translation((part(layer.kind, *layer.args, **layer.kwargs),) if layer else (), shape)


def activation_alone(shape: Shape, activation: Any) -> Translation:
    """A layer of its own: one that changes nothing is a layer, too, among those that a text counts."""
    step = activation_step(shape, activation)
    return step if step.parts else Translation((part("Identity"),), shape)


def rectifier(shape: Shape, max_value: Any = None, negative_slope: Any = 0.0, threshold: Any = 0.0) -> Translation:
    """ReLU(max_value=6) and its kind."""
    top = None if max_value is None else real(max_value, "max_value", low=0)
    slope, start = real(negative_slope, "negative_slope"), real(threshold, "threshold")
    if start and slope:
        raise ParseError("a threshold with a negative_slope has no equivalent in PyTorch: use one of them.")
    if top is not None and not start and not slope:
        return Translation((part("ReLU6") if top == 6 else part("Hardtanh", 0.0, top),), shape)
    rising = part("Threshold", start, 0.0) if start else part("LeakyReLU", slope) if slope else part("ReLU")
    cut = () if top is None else (part("Hardtanh", float("-inf"), top),)
    return Translation((rising, *cut), shape)


def leaky(shape: Shape, negative_slope: Any = 0.3, alpha: Any = None) -> Translation:
    """LeakyReLU, whose slope was called alpha until Keras 3."""
    slope = real(negative_slope if alpha is None else alpha, "negative_slope")
    return Translation((part("LeakyReLU", slope),), shape)


def softmax(shape: Shape, axis: Any = -1) -> Translation:
    """Softmax along one of Keras's axes, the last of which are the channels, or along neighbours of them together."""
    rank = len(shape)
    given = axis if isinstance(axis, tuple) and axis else (axis,)
    axes = [whole(one % (rank + 1) if type(one) is int and one < 0 else one, "axis", high=rank) for one in given]
    dims = sorted(1 if one == rank else one + 1 for one in axes)
    if len(dims) == 1:
        return Translation((part("Softmax", dim=dims[0]),), shape)
    first, last = dims[0], dims[-1]
    if dims != list(range(first, last + 1)):
        raise ParseError(f"axis={axis}: only axes beside each other are read together.")
    sides = shape[first - 1 : last]
    return Translation(
        (part("Flatten", first, last), part("Softmax", dim=first), part("Unflatten", first, sides)), shape
    )


def dropout(kind: str) -> Callable[..., Translation]:
    """Dropout and its kind: the share that is dropped."""

    def translate(shape: Shape, rate: Any, noise_shape: Any = None, data_format: Any = None) -> Translation:
        if type(noise_shape) is int:
            raise ParseError(f"({rate}, {noise_shape}) are two numbers: write {rate}.{noise_shape}, with a point.")
        whole_maps = noise_shape is not None and _drops_whole_maps(shape, noise_shape)
        return Translation((part(f"{kind}{len(shape) - 1}d" if whole_maps else kind, real(rate, "rate", 0, 1)),), shape)

    return translate


def _drops_whole_maps(shape: Shape, noise_shape: Any) -> bool:
    """Whether `noise_shape` draws once a channel, as for (None, 1, 1, 64); (None, 28, 28, 64) draws once a value."""
    sizes = tuple(noise_shape) if isinstance(noise_shape, tuple) else ()
    is_kept = [size in (None, own) for size, own in zip(sizes[1:], (*shape[1:], shape[0]), strict=False)]
    if len(sizes) == len(shape) + 1 and all(is_kept):
        return False
    if len(sizes) == len(shape) + 1 > 2 and set(sizes[1:-1]) == {1} and is_kept[-1]:
        return True
    raise ParseError("only a noise_shape that drops single values or whole channels is supported.")


def flatten(shape: Shape, data_format: Any = None) -> Translation:
    """Flatten to one row a picture."""
    return Translation((part("Flatten"),), (math.prod(shape),), ORDER_NOTE if len(shape) > 1 else "")


def reshape(shape: Shape, target_shape: Any, *more: Any) -> Translation:
    """Reshape((h, w, c)) to maps of (c, h, w)."""
    target = (*target_shape, *more) if isinstance(target_shape, tuple) else (target_shape, *more)
    total = math.prod(shape)
    if not all(type(n) is int and n != 0 for n in target) or target.count(-1) > 1 or any(n < -1 for n in target):
        raise ParseError("target_shape must be integers, for example (7, 7, 128).")
    known = math.prod(n for n in target if n != -1)
    target = tuple(total // known if n == -1 else n for n in target)
    if math.prod(target) != total:
        raise ParseError(f"target_shape {target} has {math.prod(target):,} values, but the input has {total:,}.")
    unfolded = (part("Unflatten", 1, (target[-1], *target[:-1])),) if len(target) > 1 else ()
    folded = (part("Flatten"),) if len(shape) > 1 else ()
    return Translation((*folded, *unfolded), (target[-1], *target[:-1]), ORDER_NOTE)


def global_pool(kind: str, axes: int) -> Callable[..., Translation]:
    """GlobalAveragePooling2D: one number a channel."""

    def translate(shape: Shape, data_format: Any = None, keepdims: Any = False) -> Translation:
        if len(shape) != axes + 1:
            raise ParseError(f"it needs {axes} spatial dimensions and channels, but gets {'x'.join(map(str, shape))}.")
        pooled = part(f"{kind}{axes}d", 1)
        if switch(keepdims, "keepdims"):
            return Translation((pooled,), (shape[0], *(1,) * axes))
        return Translation((pooled, part("Flatten")), (shape[0],))

    return translate


def adaptive_pool(kind: str, axes: int) -> Callable[..., Translation]:
    """AdaptiveAveragePooling2D: maps of a size that does not depend on the input's."""

    def translate(shape: Shape, output_size: Any, data_format: Any = None) -> Translation:
        sides_of(shape, axes)
        sizes = each(output_size, axes, "output_size")
        return Translation((part(f"{kind}{axes}d", short(sizes)),), (shape[0], *sizes))

    return translate


def upsampling(axes: int) -> Callable[..., Translation]:
    """UpSampling2D: every cell becomes a block."""

    def translate(shape: Shape, size: Any = 2, data_format: Any = None, interpolation: Any = "nearest") -> Translation:
        factors = each(size, axes, "size", high=64)
        mode = word(interpolation, "interpolation", ("nearest", *(("bilinear", "bicubic") if axes == 2 else ())))
        smooth = {"mode": mode, "align_corners": False} if mode != "nearest" else {}
        scale = factors[0] if len(set(factors)) == 1 else factors
        longer = tuple(n * f for n, f in zip(sides_of(shape, axes), factors, strict=True))
        return Translation((part("Upsample", scale_factor=scale, **smooth),), (shape[0], *longer))

    return translate


def zero_padding(axes: int) -> Callable[..., Translation]:
    """ZeroPadding2D adds cells around: one number, one an axis, or a pair (before, after) an axis."""

    def translate(shape: Shape, padding: Any = 1, data_format: Any = None) -> Translation:
        return _borders(shape, axes, padding, 1)

    return translate


def cropping(axes: int) -> Callable[..., Translation]:
    """Cropping2D takes cells off, as negative padding does: of its own accord none, but one a side in 1D and 3D."""

    def translate(shape: Shape, cropping: Any = 0 if axes == 2 else 1, data_format: Any = None) -> Translation:
        return _borders(shape, axes, cropping, -1)

    return translate


def _borders(shape: Shape, axes: int, amount: Any, sign: int) -> Translation:
    if axes == 1 and isinstance(amount, tuple):
        amount = (amount,)
    pairs = [each(one, 2, "padding", low=0) for one in (amount if isinstance(amount, tuple) else (amount,) * axes)]
    sides = sides_of(shape, axes)
    if len(pairs) != axes:
        raise ParseError(f"it needs one number, or one for each of {axes} dimensions.")
    new = tuple(n + sign * sum(pair) for n, pair in zip(sides, pairs, strict=True))
    if min(new) < 1:
        raise ParseError(f"nothing is left of {'x'.join(map(str, sides))}.")
    flat = tuple(sign * cells for pair in reversed(pairs) for cells in pair)
    return Translation((part(f"ZeroPad{axes}d", short(flat)),), (shape[0], *new))


KERAS: dict[str, Callable[..., Translation]] = {
    "Dense": dense,
    "Activation": activation_alone,
    "Identity": lambda shape: Translation((part("Identity"),), shape),
    "ReLU": rectifier,
    "LeakyReLU": leaky,
    "ELU": lambda shape, alpha=1.0: Translation((part("ELU", real(alpha, "alpha")),), shape),
    "ThresholdedReLU": lambda shape, theta=1.0: Translation((part("Threshold", real(theta, "theta"), 0.0),), shape),
    "Softmax": softmax,
    **dict.fromkeys(("BatchNormalization", "SyncBatchNormalization"), batch_norm),
    "LayerNormalization": layer_norm,
    "GroupNormalization": group_norm,
    "RMSNormalization": rms_norm,
    "Dropout": dropout("Dropout"),
    "AlphaDropout": dropout("AlphaDropout"),
    "Flatten": flatten,
    "Reshape": reshape,
    **PREPARING,
    **{f"DepthwiseConv{axes}D": depthwise(axes) for axes in (1, 2)},
    **{f"Separable{word}{axes}D": separable(axes) for axes in (1, 2) for word in ("Conv", "Convolution")},
    "GaussianNoise": left_out("Gaussian noise is left out: PyTorch has no such layer."),
}
for _axes in (1, 2, 3):
    KERAS |= {
        f"Conv{_axes}D": convolution(_axes),
        **{f"{word}{_axes}DTranspose": transposed(_axes) for word in ("Conv", "Convolution")},
        f"Convolution{_axes}D": convolution(_axes),
        f"MaxPooling{_axes}D": pool("MaxPool", _axes),
        f"MaxPool{_axes}D": pool("MaxPool", _axes),
        f"AveragePooling{_axes}D": pool("AvgPool", _axes),
        f"AvgPool{_axes}D": pool("AvgPool", _axes),
        f"GlobalAveragePooling{_axes}D": global_pool("AdaptiveAvgPool", _axes),
        f"GlobalAvgPool{_axes}D": global_pool("AdaptiveAvgPool", _axes),
        f"GlobalMaxPooling{_axes}D": global_pool("AdaptiveMaxPool", _axes),
        f"GlobalMaxPool{_axes}D": global_pool("AdaptiveMaxPool", _axes),
        f"AdaptiveAveragePooling{_axes}D": adaptive_pool("AdaptiveAvgPool", _axes),
        f"AdaptiveMaxPooling{_axes}D": adaptive_pool("AdaptiveMaxPool", _axes),
        f"SpatialDropout{_axes}D": dropout(f"Dropout{_axes}d"),
        f"UpSampling{_axes}D": upsampling(_axes),
        f"ZeroPadding{_axes}D": zero_padding(_axes),
        f"Cropping{_axes}D": cropping(_axes),
    }
# Layers of packages around Keras, whose names may mean another elsewhere
OF_PACKAGES: dict[str, Callable[..., Translation]] = {
    "tfa.InstanceNormalization": instance_norm,
    "tfa.GELU": lambda shape, approximate=False: Translation((part("GELU"),), shape),
    "keras_contrib.InstanceNormalization": whole_instance_norm,
}
TRANSLATORS = KERAS | OF_PACKAGES
