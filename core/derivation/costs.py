"""Parameters and multiply-adds of a layer: one entry a layer type, each filled with one row's numbers.

MACs are multiply-adds of one picture; adding the bias is left out, as published tables do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from torch import nn

from core.derivation import layers
from core.derivation.expression import Formula, Symbol
from core.derivation.layers import Shape

Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.GroupNorm | nn.InstanceNorm2d
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.InstanceNorm2d)


def parameters(module: nn.Module) -> Formula | None:
    """How many numbers the layer itself learns; None for a layer that learns nothing."""
    own = dict(module.named_parameters(recurse=isinstance(module, nn.MultiheadAttention)))
    for types, function in PARAMETERS.items():
        if isinstance(module, types) and own:
            return function(module)
    return _by_tensor(own) if own else None


def macs(module: nn.Module, input_shape: Shape, output_shape: Shape) -> Formula | None:
    """How many multiply-adds one picture costs; None where the layer is not counted."""
    for types, function in MACS.items():
        if isinstance(module, types):
            return function(module, input_shape, output_shape)
    return None


def _convolution_parameters(module: layers.Convolution) -> Formula:
    axes = len(module.kernel_size)
    symbols = layers.kernel_symbols(module.kernel_size)
    symbols |= layers.channel_symbols(module.in_channels, module.out_channels)
    kernel = layers.kernel(axes)
    weights = f"{kernel} * c" if module.groups == 1 else f"{kernel} * (c / g)"
    if module.groups > 1:
        symbols["g"] = Symbol("g", module.groups, "groups")
    expression = f"({weights} + 1) * o" if module.bias is not None else f"{weights} * o"
    return Formula(r"\text{parameters}", expression, symbols)


def _transposed_parameters(module: layers.Transposed) -> Formula:
    symbols = layers.kernel_symbols(module.kernel_size)
    symbols |= layers.channel_symbols(module.in_channels, module.out_channels)
    out = "o" if module.groups == 1 else "(o / g)"
    if module.groups > 1:
        symbols["g"] = Symbol("g", module.groups, "groups")
    expression = f"{layers.kernel(len(module.kernel_size))} * c * {out}" + (" + o" if module.bias is not None else "")
    return Formula(r"\text{parameters}", expression, symbols)


def _linear_parameters(module: nn.Linear) -> Formula:
    expression = "(n + 1) * o" if module.bias is not None else "n * o"
    symbols = {"n": Symbol(r"\text{in}", module.in_features), "o": Symbol(r"\text{out}", module.out_features)}
    return Formula(r"\text{parameters}", expression, symbols)


def _norm_parameters(module: Norm) -> Formula:
    """A scale and a shift a channel: two numbers (one, if there is no shift)."""
    tensors = [tensor for tensor in (module.weight, module.bias) if tensor is not None]
    return Formula(
        r"\text{parameters}",
        "m * c",
        {"m": Symbol(r"\text{tensors}", len(tensors)), "c": Symbol("C", tensors[0].numel(), "channels")},
    )


def _by_tensor(tensors: Mapping[str, nn.Parameter]) -> Formula:
    """Any layer at all: the sizes of its tensors, multiplied out and added."""
    symbols: dict[str, Symbol] = {}
    products = []
    for index, (name, tensor) in enumerate(tensors.items()):
        label = name.replace("_", r"\_")
        sides = {
            f"t{index}_{axis}": Symbol(rf"\text{{{label}}}_{{{axis}}}", side) for axis, side in enumerate(tensor.shape)
        }
        symbols |= sides
        products.append(" * ".join(sides) or "1")
    return Formula(r"\text{parameters}", " + ".join(products), symbols)


def _convolution_macs(module: layers.Convolution, input_shape: Shape, output_shape: Shape) -> Formula:
    """Every output value is a sum over one window: its kernel's cells times the channels it reads."""
    return _window_macs(module, output_shape[1:], "out")


def _transposed_macs(module: layers.Transposed, input_shape: Shape, output_shape: Shape) -> Formula:
    """Every input value is multiplied by every weight that it meets; what padding crops is computed all the same."""
    return _window_macs(module, input_shape[-(len(output_shape) - 1) :], "in")


def _window_macs(module: layers.Convolution | layers.Transposed, sides: Shape, which: str) -> Formula:
    """`sides` are those of the "in"put or the "out"put: the positions of the window."""
    axes = len(sides)
    symbols = layers.side_symbols(sides, which) | layers.kernel_symbols(module.kernel_size)
    symbols |= layers.channel_symbols(module.in_channels, module.out_channels)
    channels = "c * o" if module.groups == 1 else "(c / g) * o"
    if module.groups > 1:
        symbols["g"] = Symbol("g", module.groups, "groups")
    positions = " * ".join(f"n{axis}" for axis in range(axes))
    return Formula(r"\text{MACs}", f"{positions} * {layers.kernel(axes)} * {channels}", symbols)


def _linear_macs(module: nn.Linear, input_shape: Shape, output_shape: Shape) -> Formula:
    symbols = {"n": Symbol(r"\text{in}", module.in_features), "o": Symbol(r"\text{out}", module.out_features)}
    rows = prod(output_shape[:-1])
    if rows == 1:
        return Formula(r"\text{MACs}", "n * o", symbols)
    return Formula(r"\text{MACs}", "t * n * o", {"t": Symbol(r"\text{rows}", rows)} | symbols)


def _bilinear_macs(module: nn.Bilinear, input_shape: Shape, output_shape: Shape) -> Formula:
    symbols = {
        "a": Symbol(r"\text{in}_1", module.in1_features),
        "b": Symbol(r"\text{in}_2", module.in2_features),
        "o": Symbol(r"\text{out}", module.out_features),
    }
    return Formula(r"\text{MACs}", "a * b * o", symbols)


def _attention_macs(module: nn.MultiheadAttention, input_shape: Shape, output_shape: Shape) -> Formula | None:
    """Self-attention: three projections in and one out, scores of all pairs, and their sum over the values."""
    if len(input_shape) != 2 or not module.batch_first or {module.kdim, module.vdim} != {module.embed_dim}:
        return None
    symbols = {"l": Symbol(r"\text{tokens}", input_shape[0]), "e": Symbol("E", module.embed_dim, "embedding size")}
    return Formula(r"\text{MACs}", "l * e * (3 * e + e) + l * l * (e + e)", symbols)


PARAMETERS: dict[tuple[type, ...], Callable[..., Formula]] = {
    layers.TRANSPOSED: _transposed_parameters,
    layers.CONVOLUTIONS: _convolution_parameters,
    (nn.Linear,): _linear_parameters,
    NORMS: _norm_parameters,
}

MACS: dict[tuple[type, ...], Callable[..., Formula | None]] = {
    layers.TRANSPOSED: _transposed_macs,
    layers.CONVOLUTIONS: _convolution_macs,
    (nn.Linear,): _linear_macs,
    (nn.Bilinear,): _bilinear_macs,
    (nn.MultiheadAttention,): _attention_macs,
}
