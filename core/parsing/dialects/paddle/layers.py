"""Every Paddle layer that we read, and the PyTorch layers that do the same. To add one, add a line to PADDLE.

A translator takes the layer's settings under Paddle's names and in Paddle's order; `weight` and `bias` stand for
`weight_attr` and `bias_attr`, which switch a parameter off when they are False.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.paddle.pools import adaptive_max_pool, average_pool, max_pool, max_unpool
from core.parsing.dialects.paddle.sequence import SEQUENCE
from core.parsing.dialects.paddle.windows import borders
from core.parsing.dialects.translation import each, part, real, short, switch, taking, without, word
from core.parsing.plan import LayerCall

Parts = tuple[LayerCall, ...]
SAME_IN_BOTH = """
    ReLU ReLU6 LeakyReLU ELU CELU Mish Softplus Softsign Softshrink Hardshrink Tanhshrink Sigmoid LogSigmoid Tanh
    Hardtanh Hardswish Hardsigmoid AlphaDropout FeatureAlphaDropout PixelShuffle PixelUnshuffle ChannelShuffle Identity
    PReLU Unflatten Flatten
"""
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772  # of SELU
RENAMED = {"axis": "dim", "start_axis": "start_dim", "stop_axis": "end_dim", "shape": "unflattened_size"}
RENAMED |= {"min": "min_val", "max": "max_val"}


def renamed(kind: str) -> Callable[..., Parts]:
    """A layer with the same arguments in the same order, up to their names."""
    return lambda *args, **settings: (part(kind, *args, **{RENAMED.get(k, k): v for k, v in settings.items()}),)


WINDOW = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "padding_mode": "zeros", "bias": True}
WINDOW |= {"output_padding": 0, "weight": True}  # settings of convolutions that may be left out
SLIDING = "in_channels out_channels kernel_size stride padding"


def convolution(axes: int) -> Callable[..., Parts]:
    """Conv2D; a padding of four numbers (top, bottom, left, right) becomes a layer of its own."""

    @taking(f"{SLIDING} dilation groups padding_mode weight bias", **WINDOW)
    def translate(settings: Any) -> Parts:
        added, settings.padding = _own_padding(settings.padding, settings.stride, axes)
        if settings.padding == "same":
            settings.dilation = 1  # whatever is written
            if each(settings.stride, axes, "stride") != (1,) * axes:
                settings.padding = 0
                return (_window_layer(f"SameConv{axes}d", settings),)
        return (*added, _window_layer(f"Conv{axes}d", settings))

    return translate


def _window_layer(kind: str, settings: Any) -> LayerCall:
    """A layer of PyTorch with the settings that differ from their defaults."""
    given = {name: value for name, value in vars(settings).items() if name != "weight"}  # which no convolution lacks
    sizes = [given.pop(name) for name in ("in_channels", "out_channels", "kernel_size")]
    return part(kind, *sizes, **without(given, **WINDOW))


def _own_padding(padding: Any, stride: Any, axes: int) -> tuple[Parts, Any]:
    around = borders(padding, axes)
    if around is None:
        return (), "same"
    if any(first != last for first, last in around):
        cells = tuple(cells for both in reversed(around) for cells in both)
        return (part(f"ZeroPad{axes}d", cells),), 0
    return (), short([first for first, _ in around])


def transposed(axes: int) -> Callable[..., Parts]:
    """Conv2DTranspose, which has dilation and groups in another order."""

    @taking(f"{SLIDING} output_padding {'groups dilation' if axes == 1 else 'dilation groups'} weight bias", **WINDOW)
    def translate(settings: Any) -> Parts:
        around = borders(settings.padding, axes)
        if around is None or any(first != last for first, last in around):
            settings.padding, settings.dilation = 0, 1 if around is None else settings.dilation
            cut = _window_layer(f"CutConvTranspose{axes}d", settings)
            return (replace(cut, kwargs={**cut.kwargs, "around": around}),)
        settings.padding = short([first for first, _ in around])
        return (_window_layer(f"ConvTranspose{axes}d", settings),)

    return translate


def batch_norm(kind: str) -> Callable[..., Parts]:
    """BatchNorm2D; Paddle's momentum is the share that is kept, PyTorch's the share that is new."""

    def translate(
        num_features: Any,
        momentum: Any = 0.9,
        epsilon: Any = 1e-5,
        weight: bool = True,
        bias: bool = True,
        data_format: Any = None,
        use_global_stats: Any = None,
    ) -> Parts:
        settings = {"eps": epsilon, "momentum": round(1 - real(momentum, "momentum", 0, 1), 12)}
        settings |= _affine(weight, bias)
        norm = part(kind, num_features, **without(settings, eps=1e-5, momentum=0.1))
        return (norm, *_shift(num_features, weight, bias))

    return translate


def old_batch_norm(
    num_channels: Any,
    act: Any = None,
    is_test: Any = False,
    momentum: Any = 0.9,
    epsilon: Any = 1e-5,
    weight: bool = True,
    bias: bool = True,
    **settings: Any,
) -> Parts:
    """BatchNorm of maps, which may end in an activation."""
    return (*batch_norm("BatchNorm2d")(num_channels, momentum, epsilon, weight, bias), *activation(act))


ACTIVATIONS = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "swish": "SiLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "hard_swish": "Hardswish",
    "hard_sigmoid": "Hardsigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "mish": "Mish",
    "selu": "SELU",
    "silu": "SiLU",
    "logsigmoid": "LogSigmoid",
}


def activation(act: Any) -> Parts:
    """The layer that an argument `act="relu"` stands for."""
    if act is None:
        return ()
    if act == "softmax":
        return (part("Softmax", dim=-1),)
    if act == "leaky_relu":
        return (part("LeakyReLU", 0.02),)  # as the operator has it, unlike the layer of that name
    return (part(ACTIVATIONS[word(act, "act", tuple(ACTIVATIONS))]),)


def instance_norm(kind: str) -> Callable[..., Parts]:
    """InstanceNorm2D, which in Paddle scales and shifts by default and keeps no running averages."""

    def translate(
        num_features: Any, epsilon: Any = 1e-5, momentum: Any = 0.9, weight: bool = True, bias: bool = True
    ) -> Parts:
        settings = {"eps": epsilon, "affine": True} | _affine(weight, bias)
        return (part(kind, num_features, **without(settings, eps=1e-5, affine=False)),)

    return translate


def group_norm(
    num_groups: Any, num_channels: Any, epsilon: Any = 1e-5, weight: bool = True, bias: bool = True
) -> Parts:
    """GroupNorm."""
    settings = {"eps": epsilon} | _affine(weight, bias)
    norm = part("GroupNorm", num_groups, num_channels, **without(settings, eps=1e-5))
    return (norm, *_shift(num_channels, weight, bias))


def layer_norm(normalized_shape: Any, epsilon: Any = 1e-5, weight: bool = True, bias: bool = True) -> Parts:
    """LayerNorm."""
    settings = {"eps": epsilon} | {
        k.replace("affine", "elementwise_affine"): v for k, v in _affine(weight, bias).items()
    }
    sizes = normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,)
    norm = part("LayerNorm", normalized_shape, **without(settings, eps=1e-5))
    return (norm, *_shift(sizes, weight, bias))


def _shift(sizes: Any, weight: bool, bias: bool) -> Parts:
    """What is added behind a norm that does not scale."""
    return (part("Shift", sizes),) if bias and not weight else ()


def _affine(weight: bool, bias: bool) -> dict[str, bool]:
    if not weight:
        return {"affine": False}
    return {} if bias else {"bias": False}


def linear(in_features: Any, out_features: Any, weight: Any = None, bias: Any = True) -> Parts:
    """Linear."""
    return (part("Linear", in_features, out_features, **({"bias": False} if bias is False else {})),)


def dropout(p: Any = 0.5, inplace: Any = False, axis: Any = None, mode: Any = "upscale_in_train") -> Parts:
    """Dropout that scales up while training, as PyTorch's does."""
    if axis is not None or mode != "upscale_in_train":
        raise ParseError("axis and mode of Dropout have no equivalent in PyTorch: leave them out.")
    return (part("Dropout", p, **without({"inplace": inplace}, inplace=False)),)


def gelu(approximate: Any = False) -> Parts:
    """GELU(approximate=True) is PyTorch's approximate="tanh"."""
    return (part("GELU", **({"approximate": "tanh"} if approximate in (True, "tanh") else {})),)


def selu(scale: Any = SCALE, alpha: Any = ALPHA) -> Parts:
    """SELU, whose two numbers PyTorch leaves as they are: others make an ELU between two factors."""
    if (scale, alpha) == (SCALE, ALPHA):
        return (part("SELU"),)
    return (part("ELU", real(alpha, "alpha")), part("Times", real(scale, "scale")))


def upsample(
    size: Any = None, scale_factor: Any = None, mode: Any = "nearest", align_corners: Any = False, align_mode: Any = 0
) -> Parts:
    """Upsample; PyTorch wants align_corners left out for "nearest"."""
    mode = mode.lower() if isinstance(mode, str) else mode
    settings = {"size": size, "scale_factor": scale_factor, "mode": mode}
    if mode not in ("nearest", "area"):
        settings["align_corners"] = switch(align_corners, "align_corners")
    return (part("Upsample", **without(settings, size=None, scale_factor=None, mode="nearest")),)


def pad(axes: int) -> Callable[..., Parts]:
    """Pad1D to Pad3D: (left, right, top, bottom ...), as in PyTorch."""
    kinds = {"reflect": "Reflection", "replicate": "Replication", "circular": "Circular"}

    def translate(padding: Any, mode: Any = "constant", value: Any = 0.0) -> Parts:
        kind = kinds.get(word(mode, "mode", ("constant", *kinds)), "Constant" if value else "Zero")
        return (part(f"{kind}Pad{axes}d", padding, *((value,) if kind == "Constant" else ())),)

    return translate


PADS = ("ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad")
PADDLE: dict[str, Callable[..., Parts]] = {
    **{kind: renamed(kind) for kind in SAME_IN_BOTH.split()},
    "Linear": linear,
    "Dropout": dropout,
    "GELU": gelu,
    "SELU": selu,
    **dict.fromkeys(("Silu", "Swish"), lambda: (part("SiLU"),)),
    "Softmax": lambda axis=-1: (part("Softmax", dim=axis),),
    "LogSoftmax": lambda axis=-1: (part("LogSoftmax", dim=axis),),
    "GroupNorm": group_norm,
    "LayerNorm": layer_norm,
    "BatchNorm": old_batch_norm,
    "SyncBatchNorm": batch_norm("BatchNorm2d"),
    "LocalResponseNorm": renamed("LocalResponseNorm"),
    "GLU": lambda axis=-1: (part("GLU", axis),),
    "Softmax2D": renamed("Softmax2d"),
    "Upsample": upsample,
    "UpsamplingNearest2D": renamed("UpsamplingNearest2d"),
    "UpsamplingBilinear2D": renamed("UpsamplingBilinear2d"),
    **SEQUENCE,
    "Unfold": lambda kernel_sizes, dilations=1, paddings=0, strides=1: (
        part("Unfold", kernel_sizes, dilations, paddings, strides),
    ),
    "Fold": lambda output_sizes, kernel_sizes, dilations=1, paddings=0, strides=1: (
        part("Fold", output_sizes, kernel_sizes, dilations, paddings, strides),
    ),
    "ThresholdedReLU": lambda threshold=1.0, value=0.0: (part("Threshold", threshold, value),),
    "SpectralNorm": lambda weight_shape, dim=0, power_iters=1, eps=1e-12: (
        part("SpectralNormOf", weight_shape, dim, power_iters, eps),
    ),
    **{
        f"LPPool{axes}D": lambda norm_type, kernel_size, stride=None, padding=0, ceil_mode=False, axes=axes: (
            part(f"LPPool{axes}d", norm_type, kernel_size, stride, ceil_mode),
        )
        for axes in (1, 2)
    },
    "Bilinear": lambda in1_features, in2_features, out_features, weight=True, bias=True: (
        part("Bilinear", in1_features, in2_features, out_features, **without({"bias": bias}, bias=True)),
    ),
    "CosineSimilarity": lambda axis=1, eps=1e-8: (part("CosineSimilarity", axis, eps),),
    "PairwiseDistance": lambda p=2.0, epsilon=1e-6, keepdim=False: (part("PairwiseDistance", p, epsilon, keepdim),),
    "RReLU": lambda lower=1 / 8, upper=1 / 3: (part("RReLU", lower, upper),),
    "SiLU": renamed("SiLU"),
}
for _axes in (1, 2, 3):
    PADDLE |= {
        f"Pad{_axes}D": pad(_axes),
        **{f"{kind}{_axes}D": renamed(f"{kind}{_axes}d") for kind in PADS},
        f"Conv{_axes}D": convolution(_axes),
        f"Conv{_axes}DTranspose": transposed(_axes),
        f"MaxPool{_axes}D": max_pool(_axes),
        f"MaxUnPool{_axes}D": max_unpool(_axes),
        f"AvgPool{_axes}D": average_pool(_axes),
        f"AdaptiveAvgPool{_axes}D": renamed(f"AdaptiveAvgPool{_axes}d"),
        f"AdaptiveMaxPool{_axes}D": adaptive_max_pool(_axes),
        f"BatchNorm{_axes}D": batch_norm(f"BatchNorm{_axes}d"),
        f"InstanceNorm{_axes}D": instance_norm(f"InstanceNorm{_axes}d"),
    }
PADDLE |= {"Dropout2D": renamed("Dropout2d"), "Dropout3D": renamed("Dropout3d")}
