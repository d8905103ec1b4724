"""Paddle's nn.Sequential, whose layers are PyTorch's under other names: Conv2D, stop_axis, epsilon, bias_attr."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.pytorch import NamedLayer, PyTorch, sequential
from core.parsing.dialects.steps import part, real, switch, without
from core.parsing.layers import checked, unknown
from core.parsing.plan import Layer
from core.parsing.values import Values

PREFIXES = {"", "nn", "paddle.nn", "fluid.dygraph", "paddle.nn.layer"}
SAME_IN_BOTH = """
    Linear ReLU ReLU6 LeakyReLU ELU SELU CELU GELU Mish Softplus Softsign Softshrink Hardshrink Tanhshrink Sigmoid
    LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid Dropout AlphaDropout Upsample PixelShuffle PixelUnshuffle
    ChannelShuffle Identity GroupNorm PReLU Unflatten
"""
RENAMED_ARGUMENTS = {
    "axis": "dim",
    "start_axis": "start_dim",
    "stop_axis": "end_dim",
    "epsilon": "eps",
    "num_parameters": "num_parameters",
    "shape": "unflattened_size",
    "min": "min_val",
    "max": "max_val",
}
IGNORED = ("name", "data_format", "weight_attr", "param_attr")


def convolution(axes: int) -> Callable[..., tuple[Layer, ...]]:
    """Conv2D; a padding of four numbers (top, bottom, left, right) becomes a layer of its own."""

    def translate(
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        padding_mode="zeros",
        bias=True,
    ):
        added: tuple[Layer, ...] = ()
        if isinstance(padding, str):
            padding = padding.lower()
            if padding == "same" and stride not in (1, (1,) * axes):
                raise ParseError("padding='SAME' with a stride depends on the input's size: write the number of cells.")
        if isinstance(padding, tuple) and len(padding) == 2 * axes and axes > 1:
            pairs = [padding[i : i + 2] for i in range(0, 2 * axes, 2)]
            added, padding = (part(f"ZeroPad{axes}d", tuple(n for pair in reversed(pairs) for n in pair)),), 0
        settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        settings |= {"padding_mode": padding_mode, "bias": bias}
        settings = without(settings, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros", bias=True)
        return (*added, part(f"Conv{axes}d", in_channels, out_channels, kernel_size, **settings))

    return translate


def transposed(axes: int) -> Callable[..., tuple[Layer, ...]]:
    """Conv2DTranspose, which names its arguments in another order."""

    def translate(
        in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, dilation=1, groups=1, bias=True
    ):
        settings = {"stride": stride, "padding": padding, "output_padding": output_padding}
        settings |= {"dilation": dilation, "groups": groups, "bias": bias}
        settings = without(settings, stride=1, padding=0, output_padding=0, dilation=1, groups=1, bias=True)
        return (part(f"ConvTranspose{axes}d", in_channels, out_channels, kernel_size, **settings),)

    return translate


def max_pool(axes: int) -> Callable[..., tuple[Layer, ...]]:
    def translate(kernel_size, stride=None, padding=0, return_mask=False, ceil_mode=False):
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode, "return_indices": return_mask}
        settings = without(settings, stride=None, padding=0, ceil_mode=False, return_indices=False)
        return (part(f"MaxPool{axes}d", kernel_size, **settings),)

    return translate


def average_pool(axes: int) -> Callable[..., tuple[Layer, ...]]:
    """AvgPool2D leaves padded cells out of the mean, unless exclusive=False; PyTorch counts them by default."""

    def translate(kernel_size, stride=None, padding=0, ceil_mode=False, exclusive=True):
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        settings = without(settings, stride=None, padding=0, ceil_mode=False)
        counts = (
            {"count_include_pad": False} if switch(exclusive, "exclusive") and padding not in (0, (0,) * axes) else {}
        )
        return (part(f"AvgPool{axes}d", kernel_size, **settings, **counts),)

    return translate


def batch_norm(kind: str) -> Callable[..., tuple[Layer, ...]]:
    """BatchNorm2D; Paddle's momentum is the share that is kept, PyTorch's the share that is new."""

    def translate(num_features, momentum=0.9, epsilon=1e-5, bias=True):
        settings = {"eps": epsilon, "momentum": round(1 - real(momentum, "momentum", 0, 1), 12)}
        return (part(kind, num_features, **without(settings, eps=1e-5, momentum=0.1)),)

    return translate


def renamed(kind: str, **defaults: Any) -> Callable[..., tuple[Layer, ...]]:
    """A layer with the same arguments in the same order, up to their names; `defaults` where Paddle's differ."""

    def translate(*args, **settings):
        settings = {RENAMED_ARGUMENTS.get(name, name): value for name, value in settings.items()}
        return (
            part(kind, *args, **({} if args else {k: v for k, v in defaults.items() if k not in settings}), **settings),
        )

    return translate


PADDLE: dict[str, Callable[..., tuple[Layer, ...]]] = {
    **{kind: renamed(kind) for kind in SAME_IN_BOTH.split()},
    "Flatten": renamed("Flatten"),
    "Softmax": renamed("Softmax", dim=-1),
    "LogSoftmax": renamed("LogSoftmax", dim=-1),
    "Silu": renamed("SiLU"),
    "Swish": renamed("SiLU"),
    "LayerNorm": renamed("LayerNorm"),
    "BatchNorm": batch_norm("BatchNorm2d"),
    "UpsamplingNearest2D": renamed("UpsamplingNearest2d"),
    "UpsamplingBilinear2D": renamed("UpsamplingBilinear2d"),
    "Pad2D": lambda padding, mode="constant", value=0.0: (
        {
            "constant": part("ConstantPad2d", padding, value) if value else part("ZeroPad2d", padding),
            "reflect": part("ReflectionPad2d", padding),
            "replicate": part("ReplicationPad2d", padding),
            "circular": part("CircularPad2d", padding),
        }[mode if mode in ("reflect", "replicate", "circular") else "constant"],
    ),
    "ZeroPad2D": renamed("ZeroPad2d"),
}
for _axes in (1, 2, 3):
    PADDLE |= {
        f"Conv{_axes}D": convolution(_axes),
        f"Conv{_axes}DTranspose": transposed(_axes),
        f"MaxPool{_axes}D": max_pool(_axes),
        f"AvgPool{_axes}D": average_pool(_axes),
        f"AdaptiveAvgPool{_axes}D": renamed(f"AdaptiveAvgPool{_axes}d"),
        f"AdaptiveMaxPool{_axes}D": renamed(f"AdaptiveMaxPool{_axes}d"),
        f"BatchNorm{_axes}D": batch_norm(f"BatchNorm{_axes}d"),
        f"InstanceNorm{_axes}D": batch_norm(f"InstanceNorm{_axes}d"),
        f"Dropout{_axes}D": renamed(f"Dropout{_axes}d"),
    }


class Paddle:
    """The words of paddle.nn."""

    name = "paddle"

    def knows(self, name: str) -> bool:
        prefix, _, kind = name.rpartition(".")
        return prefix.startswith(("nn", "paddle.nn")) or (prefix in PREFIXES and kind in (*PADDLE, "Sequential"))

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        prefix, _, kind = name.rpartition(".")
        if prefix not in PREFIXES:
            raise ParseError(f"Line {line}: {name[:60]} is no layer; only those of paddle.nn can stand here.")
        if kind == "Sequential":
            return _sequential(args, line)
        if kind not in PADDLE:
            raise ParseError(f"Line {line}: {unknown(kind, (*PADDLE, 'Sequential'))}")
        parts = _translated(kind, args, kwargs, line)
        return parts[0] if len(parts) == 1 else Layer("Sequential", parts, line=line)

    attribute = PyTorch.attribute
    apply = PyTorch.apply
    translate = PyTorch.translate

    def method(self, values: Values, target: str, name: str, call: ast.Call) -> bool:
        """`net.add_sublayer("conv", nn.Conv2D(...))` and `layers.append(...)`."""
        model = values.names[target]
        if isinstance(model, Layer) and name == "add_sublayer":
            raise ParseError(
                f"Line {call.lineno}: add_sublayer is not read: write the layer inside nn.Sequential(...)."
            )
        return PyTorch.method(self, values, target, name, call)


def _sequential(args: tuple, line: int) -> Layer:
    """Layers, a list of them, or pairs ("conv", layer)."""
    items = args[0] if len(args) == 1 and isinstance(args[0], tuple) and not _is_pair(args[0]) else args
    if items and all(_is_pair(item) for item in items):
        return sequential(tuple(NamedLayer(item) for item in items), line)
    return checked("Sequential", items, {}, line)


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], Layer)


def _translated(kind: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> tuple[Layer, ...]:
    settings = {k: v for k, v in kwargs.items() if k not in IGNORED}
    if "bias_attr" in settings:
        settings["bias"] = settings.pop("bias_attr") is not False
    try:
        signature(PADDLE[kind]).bind(*args, **settings)
        parts = PADDLE[kind](*args, **settings)
    except TypeError as error:
        raise ParseError(f"Line {line}: {kind}: {error}.") from None
    except ParseError as error:
        raise ParseError(f"Line {line}: {kind}: {error}") from None
    return tuple(checked(layer.kind, layer.args, layer.kwargs, line) for layer in parts)
